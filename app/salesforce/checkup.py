"""Is the org ready for us? Real calls, one finding each, with a mend for what is not well."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.salesforce.client import Client
from app.salesforce.describe import shape_of
from app.salesforce.ours import FIELDS, KEYS
from app.salesforce.setup.fields import declared
from app.salesforce.setup.fit import described, misfits
from streams.domain.command import SObject
from streams.domain.errors import FreshforceError


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
    for sobject in SObject:
        try:
            found = await client.describe(sobject.value)
        except FreshforceError as error:
            yield _unseen(client, sobject, error)
        else:
            yield _fields(client, sobject, found)
    yield _calls(client)


def not_well(what: str, error: FreshforceError) -> Finding:
    """Return the finding that `error` is."""
    return Finding(what, well=False, says=str(error), mend=error.mend or "try again later")


def _unseen(client: Client, sobject: SObject, error: FreshforceError) -> Finding:
    """Return the finding of an object that could not be described; one we may not see is set up by us."""
    what = f"Salesforce {sobject.value}"
    if error.code != "NOT_FOUND":
        return not_well(what, error)
    says = "the run-as user does not see the object: nothing can be written"
    return Finding(what, well=False, says=says, mend=_setup(client))


def _fields(client: Client, sobject: SObject, found: Mapping[str, Any]) -> Finding:
    what, shape = f"Salesforce {sobject.value}", shape_of(found)
    if KEYS[sobject] not in shape.keys & shape.slots.keys():
        says = f"external id {KEYS[sobject]} is absent, hidden or read-only: nothing can be written"
        return Finding(what, well=False, says=says, mend=_setup(client))
    absent = [name for name in FIELDS[sobject] if name not in shape.slots]
    if absent:
        says = f"absent, hidden or read-only, so left out: {', '.join(absent)}"
        return Finding(what, well=False, says=says, mend=_setup(client))
    if wrong := list(_wrong(sobject, found)):
        return Finding(what, well=False, says="; ".join(wrong), mend=f"{_setup(client)} says what to change")
    return Finding(what, well=True, says="all fields are there")


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


ENOUGH: Final = 0.95
"""Use of the daily calls beyond which an org is about to refuse everybody."""


def _calls(client: Client) -> Finding:
    used, limit = client.budget.used, client.budget.limit
    if limit is None:
        return Finding("Salesforce API calls", well=True, says="the org states no limit")
    mend = "" if used < limit * ENOUGH else "lower the use of other integrations, or buy calls"
    return Finding("Salesforce API calls", well=not mend, says=f"{used} of {limit} used today", mend=mend)
