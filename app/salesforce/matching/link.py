"""Write a client's external id on the Account that it is: only on a free one, and seen there afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

import orjson

from app.salesforce.answers.complaints import MOST
from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal, of_reply, of_row
from app.salesforce.lanes.org import Org
from app.salesforce.matching.score import Existing
from app.salesforce.matching.search import ACCOUNT, named
from app.salesforce.wire.wire import API
from streams.domain.errors import Unreachable
from streams.domain.identity import SalesforceId
from streams.mapping.row import ACCOUNT_KEY

AT_ONCE: Final = 200
"""Records that one collections update takes."""
ROUNDS: Final = 3
"""How often a link is written that is not seen afterwards, before somebody else is at work there."""


class Linked(Enum):
    """How it ended."""

    DONE = auto()
    GONE = auto()
    """There is no such Account, or we may not see it."""
    TAKEN = auto()
    """It carries another client's external id."""


@dataclass(frozen=True, slots=True)
class Hindered:
    """Salesforce will not have the Account changed."""

    refusal: Refusal


Links = Mapping[SalesforceId, str]
"""Account → the external id that it is to carry."""
Ends = dict[SalesforceId, Linked | Hindered]


async def link(org: Org, wanted: Links) -> Ends:
    """Make each Account carry its external id, if it is free; safe to repeat after a crash or a lost answer.

    What is written is read again: only what is seen there counts.

    Raises:
        Refused, Misconfigured, Unreachable, RateLimited: some may be linked; do it again.
    """
    ends: Ends = {}
    left = dict(wanted)
    for key in wanted.values():
        org.carer.forget_account(key)
    for _ in range(ROUNDS):
        ends |= _judged(left, await named(org, left))
        left = {account: key for account, key in left.items() if account not in ends}
        if not left:
            return ends
        ends |= await write(org, {account: {ACCOUNT_KEY: key} for account, key in left.items()})
        left = {account: key for account, key in left.items() if account not in ends}
    if left:
        ends |= dict.fromkeys(left, Linked.TAKEN) | _judged(left, await named(org, left))
    return ends


async def write(org: Org, records: Mapping[SalesforceId, Mapping[str, Any]]) -> dict[SalesforceId, Hindered]:
    """Change Accounts by their ids; return those that Salesforce will not have changed.

    Raises:
        Unreachable: what happened to some of them is unknown, or may yet pass.
        Refused, Misconfigured, RateLimited: none was changed.
    """
    hindered: dict[SalesforceId, Hindered] = {}
    everything = [*records.items()]
    for at in range(0, len(everything), AT_ONCE):
        batch = everything[at : at + AT_ONCE]
        for (account, _), refusal in zip(batch, await _written(org, batch), strict=True):
            if refusal is not None:
                hindered[account] = Hindered(refusal.at(org.name))
    return hindered


async def _written(org: Org, batch: Sequence[tuple[SalesforceId, Mapping[str, Any]]]) -> list[Refusal | None]:
    rows = [{"attributes": {"type": ACCOUNT}, "id": account, **fields} for account, fields in batch]
    reply = await org.client.update_many(orjson.dumps({"allOrNone": False, "records": rows}))
    if not reply.ok:
        raise of_reply(reply).at(org.name).error()
    said = reply.json()
    if not isinstance(said, list) or len(said) != len(batch) or not all(isinstance(it, dict) for it in said):
        raise Unreachable(API, "not one result per row")
    return [*_refusals(said)]


def _refusals(said: Sequence[Mapping[str, Any]]) -> Iterator[Refusal | None]:
    """Yield what is wrong with each row; None where nothing is.

    Raises:
        Unreachable: a row may pass later, or its result says nothing.
    """
    for result in said:
        errors = result.get("errors")
        if result.get("success") is True:
            yield None
        elif isinstance(errors, list) and errors and all(isinstance(it, dict) for it in errors):
            refusal = of_row(errors[:MOST])
            if refusal.meaning in {Meaning.TRANSIENT, Meaning.BUDGET}:
                raise refusal.error()
            yield refusal
        else:
            raise Unreachable(API, "a result of no known shape")


def _judged(wanted: Links, found: Mapping[SalesforceId, Existing]) -> Ends:
    ends: Ends = {}
    for account, key in wanted.items():
        there = found.get(account)
        if there is None:
            ends[account] = Linked.GONE
        elif there.holder:
            ends[account] = Linked.DONE if there.holder == key else Linked.TAKEN
    return ends
