"""Is the org ready for us? Real calls, one finding each, with a mend for what is not well."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from app.salesforce.api.client import Client
from app.salesforce.calls.budget import GOES_ON, MORE_CALLS
from app.salesforce.calls.urgency import Urgency
from app.salesforce.care.people import IS_PERSON, NO_PERSONS, PERSONS_MEND
from app.salesforce.care.stages import org_stages
from app.salesforce.ours import FIELDS, KEYS
from app.salesforce.setup.access import OWN_FIELD, object_rights, opens
from app.salesforce.setup.fields import declared
from app.salesforce.setup.fit import described, misfits
from app.salesforce.shape.describe import ISO_CODE, Shape, shape_of
from app.salesforce.shape.purse import purse_of
from app.salesforce.shape.selling import lacks
from streams.domain.command import OPTIONAL, USUAL, SObject
from streams.domain.connection import AccountMatching, ForeignAmount
from streams.domain.errors import FreshforceError
from streams.mapping.gallery import TERMS, stages
from streams.mapping.reading import read
from streams.mapping.sheet import PERSONS


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    well: bool
    says: str
    mend: str = ""


async def checkup(client: Client) -> AsyncIterator[Finding]:
    """Yield what a log-in and a describe of each object show; stops at what makes the rest pointless."""
    try:
        session = await client.door.session()
    except FreshforceError as error:
        yield not_well("Salesforce log-in", error)
        return
    yield Finding("Salesforce log-in", well=True, says=session.instance)
    yield await _version(client)
    seen: dict[SObject, frozenset[str]] = {}
    for sobject in USUAL:
        try:
            found = await client.describe(sobject.value)
        except FreshforceError as error:
            yield _unseen(client, sobject, error)
        else:
            seen[sobject] = shape_of(found).columns
            yield _fields(client, sobject, found)
            if sobject is SObject.ACCOUNT and (finding := _persons(client, shape_of(found))):
                yield finding
            if sobject is SObject.OPPORTUNITY:
                yield _currency(client, shape_of(found))
    yield await _stages(client)
    async for finding in _lines(client):
        yield finding
    if blind := [*_blind(client, seen)]:
        says = f"hidden, so Accounts are not found by it: {', '.join(blind)}"
        yield Finding("Salesforce matching", well=False, says=says, mend=_SIGHT)
    yield _calls(client)


async def _version(client: Client) -> Finding:
    """Return whether the org speaks our version of its API; it names the newest that it does."""
    what = "Salesforce API version"
    wanted = client.settings[client.connection].salesforce_api_version
    try:
        known = await client.versions()
    except FreshforceError as error:
        return not_well(what, error)
    newest = max(known, key=lambda version: float(version[1:]), default="none")
    if wanted in known:
        return Finding(what, well=True, says=f"{wanted}; the newest is {newest}")
    mend = f"freshforce connections set {client.connection} salesforce_api_version={newest}"
    return Finding(what, well=False, says=f"the org does not speak {wanted}", mend=mend)


async def _stages(client: Client) -> Finding:
    """Return whether the stages that sales get are the org's own."""
    what, connection = "Salesforce stages", client.settings[client.connection]
    terms = replace(TERMS, stages=connection.stages, drafts=connection.drafts)
    try:
        found = await org_stages(client)
        notes = [found.resolved(each).note for each in stages(read(connection.mapping), terms)]
    except FreshforceError as error:
        return not_well(what, error)
    if not found.known:
        return Finding(what, well=True, says="the org does not tell them: the configured names are written")
    if odd := [note for note in notes if note]:
        mend = f'freshforce connections set {client.connection} stages.won="…", or its mapping'
        return Finding(what, well=False, says="; ".join(odd), mend=mend)
    return Finding(what, well=True, says="those that sales get are the org's own")


async def _lines(client: Client) -> AsyncIterator[Finding]:
    """Yield whether the org can take the lines that the mapping asks for, if it does."""
    if not read(client.settings[client.connection].mapping).lines:
        return
    what, well = "Salesforce line items", True
    try:
        async for lack in lacks(client):
            well = False
            yield Finding(what, well=False, says=f"{lack.sobject}: {lack.says}", mend=_setup(client))
    except FreshforceError as error:
        yield not_well(what, error)
        return
    if well:
        yield Finding(what, well=True, says="products, prices and lines can be written")


LOOKED_FOR: Final = {SObject.ACCOUNT: ("Phone",), SObject.CONTACT: ("Email", "AccountId")}
"""Fields of an org's own by which a client's Account is found (`matching`); ours are checked anyway."""
_SIGHT: Final = "let the run-as user read them, or set account_matching=create for the connection"


def _blind(client: Client, seen: Mapping[SObject, frozenset[str]]) -> Iterator[str]:
    """Yield what matching would look at but may not see."""
    if client.settings[client.connection].account_matching is AccountMatching.CREATE:
        return
    for sobject, names in LOOKED_FOR.items():
        yield from (f"{sobject.value}.{it}" for it in names if sobject in seen and it not in seen[sobject])


def not_well(what: str, error: FreshforceError) -> Finding:
    """Return the finding that `error` is."""
    return Finding(what, well=False, says=str(error), mend=error.mend or "try again later")


def _unseen(client: Client, sobject: SObject, error: FreshforceError) -> Finding:
    """Return the finding of an object that could not be described; one we may not see is set up by us."""
    what = f"Salesforce {sobject.value}"
    if error.code != "NOT_FOUND":
        return not_well(what, error)
    if sobject in OPTIONAL:
        return Finding(what, well=True, says="none in this org, or hidden from us: not written")
    says = "the run-as user does not see the object: nothing can be written"
    return Finding(what, well=False, says=says, mend=_setup(client))


def _fields(client: Client, sobject: SObject, found: Mapping[str, Any]) -> Finding:
    what, shape = f"Salesforce {sobject.value}", shape_of(found)
    if sobject is SObject.INVOICE:
        kind = "Billing" if found.get("createable") else "Order Management"
        return Finding(what, well=True, says=f"{kind}: read, and linked on the Opportunity")
    if sobject not in OPTIONAL and KEYS[sobject] not in shape.keys & shape.slots.keys():
        says = f"external id {KEYS[sobject]} is absent, hidden or read-only: nothing can be written"
        return Finding(what, well=False, says=says, mend=_setup(client))
    wanted = object_rights(sobject)
    if denied := [it for it, (right, flag) in _RIGHTS.items() if wanted[right] and found.get(flag) is False]:
        says = f"the run-as user may not {' or '.join(denied)}"
        return Finding(what, well=False, says=says, mend=_setup(client))
    if absent := [*dict.fromkeys(_left_out(client, sobject, shape))]:
        says = f"absent, hidden or read-only, so left out: {', '.join(absent)}"
        return Finding(what, well=False, says=says, mend=_mend_absent(client, sobject, absent))
    if wrong := list(_wrong(sobject, found)):
        return Finding(what, well=False, says="; ".join(wrong), mend=f"{_setup(client)} says what to change")
    return Finding(what, well=True, says="all fields are there")


def _mend_absent(client: Client, sobject: SObject, absent: Sequence[str]) -> str:
    """Return how fields come to be written: by a set-up; by hand, where only the mapping asks for them."""
    by_hand = [name for name in absent if name not in opens(sobject)]
    if not by_hand:
        return _setup(client)
    first = f"{_setup(client)}, then " if len(by_hand) < len(absent) else ""
    again = f"freshforce mapping check {client.connection}"
    return f"{first}{OWN_FIELD.format(', '.join(by_hand))}; see {again}"


def _left_out(client: Client, sobject: SObject, shape: Shape) -> Iterator[str]:
    """Yield what cannot be written of our fields, and of what any table of the mapping gives the object."""
    yield from (name for name in FIELDS[sobject] if name not in shape.slots)
    for sheet in read(client.settings[client.connection].mapping).sheets:
        if sheet.sobject is not sobject or (sheet.table == PERSONS and IS_PERSON not in shape.columns):
            continue
        yield from (name for name in sheet.sources if name not in shape.slots)
        yield from (name for name in sheet.create if name not in shape.for_new.slots)


def _persons(client: Client, shape: Shape) -> Finding | None:
    """Return whether the org has the person accounts that the mapping wants, if it wants any."""
    if read(client.settings[client.connection].mapping).person_account is None:
        return None
    what = "Salesforce person accounts"
    if IS_PERSON in shape.columns:
        return Finding(what, well=True, says="the org has them")
    return Finding(what, well=False, says=NO_PERSONS, mend=PERSONS_MEND)


def _currency(client: Client, shape: Shape) -> Finding:
    """Say in which currency amounts are written: the first thing to look at when they are not."""
    what = "Salesforce currency"
    if shape.many_currencies:
        several = ", ".join(sorted(shape.slots[ISO_CODE].values)).upper()
        return Finding(what, well=True, says=f"several ({several}): each amount keeps its own")
    purse = purse_of(client.settings[client.connection])
    says = f"{purse.own} by the connection's org_currency; amounts in others: {_FATES[purse.foreign]}"
    return Finding(what, well=True, says=says)


_FATES: Final = {
    ForeignAmount.LEAVE_OUT: "left out",
    ForeignAmount.DEAD_LETTER: "dead letters",
    ForeignAmount.WRITE: "written as if they were the org's",
}


def _wrong(sobject: SObject, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of our fields is otherwise than we need it."""
    fields = {field.get("name"): field for field in found["fields"]}
    for wanted in declared(sobject):
        if wanted.name in fields:
            yield from (
                f"{wanted.name} {each.says}" for each in misfits(wanted, described(fields[wanted.name]))
            )


def _setup(client: Client) -> str:
    return f"freshforce setup salesforce {client.connection}"


_RIGHTS: Final = {
    "read": ("PermissionsRead", "queryable"),
    "create": ("PermissionsCreate", "createable"),
    "edit": ("PermissionsEdit", "updateable"),
}
"""What we do with rows, the permission for it, and by which mark a describe says that our user may."""


def _calls(client: Client) -> Finding:
    """Return how many of the day's calls are left to us, and what waits when that is too few."""
    budget, share = client.budget, client.settings[client.connection].api_share
    if budget.limit is None:
        return Finding("Salesforce API calls", well=True, says="the org states no limit")
    left, room = max(0, int(budget.allowance(share)) - budget.spent()), budget.room(share)
    says = f"{budget.used} of {budget.limit} used today; {left} left of our share ({share:.0%})"
    if room is Urgency.DETAILS:
        return Finding("Salesforce API calls", well=True, says=says)
    says = f"{says}; what goes on: {GOES_ON[room]}"
    return Finding("Salesforce API calls", well=False, says=says, mend=MORE_CALLS)
