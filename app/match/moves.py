"""What would move when a client is another Account: read from the org, before anything is changed."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.match.desk import CannotMatch, Desk
from app.salesforce.api.soql import begins, select, text
from app.salesforce.matching.link import write
from app.salesforce.matching.score import Existing, Wanted
from app.salesforce.matching.search import ACCOUNT, existing, named
from app.salesforce.matching.terms import Client
from app.salesforce.ours import FIELDS
from streams.domain.command import SObject
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import Match
from streams.mapping.row import ACCOUNT_KEY, CONTACT_KEY, OPPORTUNITY_KEY


@dataclass(frozen=True, slots=True)
class Moved:
    """One row that refers to the Account."""

    sobject: str
    id: str
    name: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Moves:
    """All that a change of Account brings about."""

    client: ClientId
    source: SalesforceId | None
    """The Account that carries the client's number now."""
    target: SalesforceId | None
    """The one that will; None: a new one."""
    rows: tuple[Moved, ...] = ()
    cleared: Mapping[str, Any] = field(default_factory=dict)
    """Our fields on `source` that are emptied, with what they hold now."""


async def own_account(desk: Desk, client: ClientId) -> Existing | None:
    """Return the Account that carries the client's number."""
    key = desk.key(client)
    found = await existing(desk.org, [Client(key, Wanted())])
    return next((it for it in found.values() if it.holder == key), None)


async def of_now(desk: Desk, match: Match) -> Match:
    """Return a match with the Account that a joined client shares by now: the other may have moved since."""
    if match.to is None:
        return match
    home = await own_account(desk, match.to)
    return match.model_copy(update={"account": home.id if home else None})


async def the_account(desk: Desk, account: SalesforceId) -> Existing:
    """Return an Account by its id.

    Raises:
        CannotMatch: there is none that we may see.
    """
    found = await named(desk.org, [account]) if re.fullmatch(r"001\w{12}(\w{3})?", account) else {}
    for it in found.values():
        return it
    message = f"the org has no Account {account}, or hides it from us"
    raise CannotMatch(message, "give the 15 or 18 characters of an Account's id: 001…")


async def moves(desk: Desk, client: ClientId, source: SalesforceId, target: SalesforceId | None) -> Moves:
    """Return what it brings about that `client` leaves `source`; only reads."""
    rows = [row async for row in _rows(desk, client, source)]
    return Moves(client, source, target, tuple(rows), await _ours(desk, source))


async def take_off(desk: Desk, moves: Moves) -> None:
    """Take the client's number and our fields off the Account that it leaves.

    Raises:
        CannotMatch: Salesforce will not have it changed.
    """
    assert moves.source is not None, "it leaves an Account"
    emptied: dict[str, Any] = dict.fromkeys((ACCOUNT_KEY, *moves.cleared))
    for hindered in (await write(desk.org, {moves.source: emptied})).values():
        message = f"{moves.source}: {hindered.refusal.reason}"
        raise CannotMatch(message, hindered.refusal.mend)


async def _rows(desk: Desk, client: ClientId, source: SalesforceId) -> AsyncIterator[Moved]:
    """Yield the client's Contact and every Opportunity of our making that refer to the Account."""
    key = desk.key(client)
    books = begins(f"{key.rpartition(':')[0]}:")
    for sobject, field_, condition in (
        (SObject.CONTACT, CONTACT_KEY, f"{CONTACT_KEY} = {text(key)}"),
        (SObject.OPPORTUNITY, OPPORTUNITY_KEY, f"{OPPORTUNITY_KEY} LIKE {books}"),
    ):
        asked = select(f"Id, Name, {field_}", sobject.value, f"AccountId = {text(source)} AND {condition}")
        async for row in desk.org.client.query(asked):
            yield Moved(sobject.value, row["Id"], str(row.get("Name") or ""), str(row.get(field_) or ""))


async def _ours(desk: Desk, source: SalesforceId) -> Mapping[str, Any]:
    slots = (await desk.org.shape(ACCOUNT)).slots
    columns = [name for name in FIELDS[SObject.ACCOUNT] if name in slots and slots[name].nillable]
    if not columns:
        return {}
    asked = select(", ".join(columns), ACCOUNT, f"Id = {text(source)}")
    rows = [row async for row in desk.org.client.query(asked)]
    return {name: rows[0].get(name) for name in columns} if rows else {}
