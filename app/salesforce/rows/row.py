"""A row on its way: the newest command for one Salesforce row that is open."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from app.salesforce.calls.urgency import Change, Told, Urgency
from streams.domain.command import FOUND, Command, Field, Lookup, SObject
from streams.ports import Answer

PARENTS: Final[Mapping[SObject, tuple[SObject, ...]]] = {
    SObject.ACCOUNT: (),
    SObject.CONTACT: (SObject.ACCOUNT,),
    SObject.OPPORTUNITY: (SObject.ACCOUNT,),
    SObject.ORDER: (),
    SObject.INVOICE: (),
    SObject.LINES: (),
}
"""Whose rows must be there first. What is found follows the one row that it belongs to, not a kind."""

NEVER: Final = float("-inf")
"""When a row was demanded that is not."""

HAVE_CHILDREN: Final = frozenset(parent for parents in PARENTS.values() for parent in parents)

Shelf = tuple[SObject, str]
"""What one collections upsert can carry: an object and the external id field it is keyed by."""

Key = tuple[SObject, str, str]
"""Object, external id field and external id: the one row meant."""


@dataclass(frozen=True, slots=True)
class Worn:
    """What is written of a row whose present state matters."""

    fields: Mapping[str, Field]
    notes: tuple[str, ...] = ()
    keeps: tuple[str, str] = ("", "")
    """What to remember of it once it is delivered."""
    new: bool = False
    """Whether it was taken for one that is not there yet."""
    by_memory: bool = False
    """Whether nobody looked at it."""
    first: Mapping[str, Field] = field(default_factory=dict)
    """What is written besides since it is new; it may go to fields that only a new row takes."""
    stands_for: str = ""
    """The Salesforce id of the row that the org itself keeps instead: nothing is sent."""


@dataclass(slots=True, eq=False)
class Row:
    """One open row."""

    key: Key
    shelf: Shelf
    """Where it waits for company."""
    command: Command
    fields: Mapping[str, Field]
    """The command's, and those of replaced ones that it leaves alone: as if all had been written in turn."""
    answer: asyncio.Future[Answer]
    since: float
    urgency: Urgency
    told: Told
    """Digest of what it says, by which its change is judged."""
    demanded: float = NEVER
    """When it was last asked for whatever is there, itself or one that it replaced.

    Another worker may have written it up to then, so neither memory nor a look from before tells of it.
    """
    nth: int = 0
    """The how-manieth command of the org it is that the row stands for."""
    on_wire: bool = False
    blockers: "list[Row]" = field(default_factory=list)
    """Rows that must be done first."""
    followers: "list[Row]" = field(default_factory=list)
    tries: int = 0
    failed_alone: int = 0
    """How often the server failed over it, having taken others with it or since the time before."""
    failed_after: int = -1
    """How many batches the org had taken by the last of these times."""
    failed_itself: int = 0
    """How often its own result said that the server failed over it."""
    retried: frozenset[str] = frozenset()
    """Codes for which the row had its one more chance."""
    worn: Worn | None = None
    """What is written instead of `fields`, once that is decided."""
    anew: str = ""
    """The id with which it was just made, it is said, by a write that took it for there: it goes once more.

    As a new one, unless that id is not its own: then it was said of another row, and this one was there.
    """

    @property
    def given_up(self) -> bool:
        """Whether nobody waits for its answer any more."""
        return self.answer.cancelled() or (self.answer.done() and not self.on_wire)

    @property
    def name(self) -> str:
        """The record, as a person finds it."""
        return f"{self.command.sobject.value} {self.command.external_id}"


def parent_of(row: Row) -> str:
    """Return the external id of the row that `row` refers to, its own where it refers to none.

    Rows of one parent side by side in a batch lock it once.
    """
    if not PARENTS[row.command.sobject]:
        return row.command.external_id
    named = (value.external_id for value in row.fields.values() if type(value) is Lookup)
    return next(named, row.command.external_id)


def row_of(command: Command, answer: asyncio.Future[Answer], now: float, change: Change) -> Row:
    """Return the row that `command` opens."""
    shelf, demanded = (command.sobject, command.external_id_field), now if command.nonce else NEVER
    key, (urgency, told) = key_of(command), change
    return Row(key, shelf, command, command.fields, answer, now, urgency, told, demanded)


def key_of(command: Command) -> Key:
    """Return the row that `command` means."""
    return command.sobject, command.external_id_field, command.external_id


def belonging(command: Command) -> Key | None:
    """Return the row that must be there first: the Opportunity of an Order, an Invoice or lines."""
    if command.sobject not in FOUND:
        return None
    its = command.fields.get(SObject.OPPORTUNITY)
    return (SObject.OPPORTUNITY, its.external_id_field, its.external_id) if isinstance(its, Lookup) else None
