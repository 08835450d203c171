"""Rows on their way: what waits, what must wait for what, and which rows go together.

A row is open from `put` until `done`. It is ready when nothing that it depends on is open: a parent of
its client that came before it, or an earlier state of the same row that is on the wire.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.domain.command import Command, Field, SObject
from streams.domain.identity import ClientId
from streams.ports import Answer, Replaced

PARENTS: Final[Mapping[SObject, tuple[SObject, ...]]] = {
    SObject.ACCOUNT: (),
    SObject.CONTACT: (SObject.ACCOUNT,),
    SObject.OPPORTUNITY: (SObject.ACCOUNT,),
}
"""Whose rows must be there first."""

_HAVE_CHILDREN: Final = frozenset(parent for parents in PARENTS.values() for parent in parents)

Shelf = tuple[SObject, str]
"""What one collections upsert can carry: an object and the external id field it is keyed by."""


@dataclass(slots=True, eq=False)
class Row:
    """The newest command for one Salesforce row that is open."""

    command: Command
    fields: Mapping[str, Field]
    """The command's, and those of replaced ones that it leaves alone: as if all had been written in turn."""
    answer: asyncio.Future[Answer]
    since: float
    on_wire: bool = False
    blockers: int = 0
    followers: "list[Row]" = field(default_factory=list)
    tries: int = 0
    retried: frozenset[str] = frozenset()
    """Codes for which the row had its one more chance."""

    @property
    def shelf(self) -> Shelf:
        """Where it waits for company."""
        return self.command.sobject, self.command.external_id_field


class Waiting:
    """The open rows of one lane, in order."""

    def __init__(self) -> None:
        self._shelves: dict[Shelf, deque[Row]] = {}
        self._open: dict[tuple[SObject, str], Row] = {}
        self._rows: set[Row] = set()
        self._parents: dict[tuple[ClientId, SObject], list[Row]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(tuple(self._rows))

    def put(self, command: Command, now: float) -> asyncio.Future[Answer]:
        """Take in `command` and return the future of its answer.

        A waiting older state of the row is replaced and answered so; a state older than the open one
        is answered so at once; a repeat of what is on the wire shares its answer.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        last = self._open.get((command.sobject, command.external_id))
        if last is None or last.command.client != command.client:
            self._open_row(Row(command, command.fields, answer, now), last)
        elif command.version < last.command.version and not last.answer.cancelled():
            answer.set_result(Replaced(last.command.id))
        elif last.on_wire and _same(last.command, command) and not last.answer.cancelled():
            last.answer.add_done_callback(lambda told: _echo(told, answer))
        elif last.on_wire:
            self._open_row(Row(command, command.fields, answer, now), last)
        else:
            _replace(last, command, answer)
        return answer

    def full(self, size: int) -> Shelf | None:
        """Return the shelf that fills a batch of `size`; of several, the one that waits longest."""
        return _longest_waiting((s, rows) for s, rows in self._shelves.items() if len(rows) >= size)

    def next(self) -> Shelf | None:
        """Return the shelf whose first row waits longest; None when nothing is ready."""
        return _longest_waiting(self._shelves.items())

    def since(self, shelf: Shelf) -> float:
        """Return since when the first row of `shelf` waits."""
        return self._shelves[shelf][0].since

    def take(self, shelf: Shelf, size: int) -> list[Row]:
        """Put up to `size` rows of `shelf` on the wire and return them; nobody waits for dropped ones."""
        rows = self._shelves[shelf]
        taken: list[Row] = []
        while rows and len(taken) < size:
            row = rows.popleft()
            if row.answer.cancelled():
                self.done(row)
            else:
                row.on_wire = True
                taken.append(row)
        if not rows:
            self._shelves.pop(shelf, None)
        return taken

    def done(self, row: Row) -> None:
        """Close `row`; what waited for it alone gets ready."""
        self._rows.discard(row)
        key = (row.command.sobject, row.command.external_id)
        if self._open.get(key) is row:
            del self._open[key]
        if row.command.sobject in _HAVE_CHILDREN:
            self._forget_parent(row)
        for follower in row.followers:
            follower.blockers -= 1
            if not follower.blockers:
                self._shelve(follower)

    def set_aside(self, row: Row) -> bool:
        """Take `row` off the wire, to be sent `again` later; meanwhile newer commands may replace it.

        Return False when one already has: it waited behind, and now stands in this row's place.
        """
        row.on_wire = False
        row.tries += 1
        newer = self._open.get((row.command.sobject, row.command.external_id))
        if newer is None or newer is row or newer.command.client != row.command.client:
            return True
        newer.fields = _in_turn(row.fields, newer.fields)
        newer.followers += [follower for follower in row.followers if follower is not newer]
        row.followers = [newer]
        _tell(row, Replaced(newer.command.id))
        self.done(row)
        return False

    def again(self, rows: Iterable[Row]) -> None:
        """Make rows that were set aside ready to be sent."""
        for row in rows:
            self._shelve(row)

    def _open_row(self, row: Row, last: Row | None) -> None:
        command = row.command
        blockers = [] if last is None else [last]
        for parent in PARENTS[command.sobject]:
            blockers += self._parents.get((command.client, parent), ())
        for blocker in blockers:
            blocker.followers.append(row)
        row.blockers = len(blockers)
        self._rows.add(row)
        self._open[command.sobject, command.external_id] = row
        if command.sobject in _HAVE_CHILDREN:
            self._parents.setdefault((command.client, command.sobject), []).append(row)
        if not blockers:
            self._shelve(row)

    def _shelve(self, row: Row) -> None:
        self._shelves.setdefault(row.shelf, deque()).append(row)

    def _forget_parent(self, row: Row) -> None:
        key = (row.command.client, row.command.sobject)
        siblings = self._parents[key]
        siblings.remove(row)
        if not siblings:
            del self._parents[key]


def _replace(row: Row, command: Command, answer: asyncio.Future[Answer]) -> None:
    """Let `command` take the place of the waiting `row`'s, whose asker is told so."""
    row.fields = command.fields if row.answer.cancelled() else _in_turn(row.fields, command.fields)
    _tell(row, Replaced(command.id))
    row.command = command
    row.answer = answer


def _in_turn(older: Mapping[str, Field], newer: Mapping[str, Field]) -> Mapping[str, Field]:
    """Return what a row holds when both were written one after the other."""
    return newer if older.keys() <= newer.keys() else {**older, **newer}


def _same(one: Command, other: Command) -> bool:
    return one.version == other.version and one.content == other.content


def _echo(told: asyncio.Future[Answer], answer: asyncio.Future[Answer]) -> None:
    """Pass an answer on to the asker of a repeat."""
    if answer.done():
        return
    if told.cancelled():
        answer.cancel()
    elif (fault := told.exception()) is not None:
        answer.set_exception(fault)
    else:
        answer.set_result(told.result())


def _tell(row: Row, answer: Answer) -> None:
    if not row.answer.done():
        row.answer.set_result(answer)


def _longest_waiting(shelves: Iterable[tuple[Shelf, deque[Row]]]) -> Shelf | None:
    """Return the shelf with the oldest first row; of equals, parents first."""
    ranked = ((rows[0].since, _RANK[shelf[0]], shelf) for shelf, rows in shelves)
    return min(ranked, default=(0.0, 0, None))[2]


_RANK: Final = {sobject: rank for rank, sobject in enumerate(SObject)}
