"""Rows on their way: what waits, what must wait for what, and which rows go together.

A row is open from `put` until `done`. It is ready when nothing that it depends on is open: a parent of
its client that came before it, or an earlier state of the same row that is on the wire.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from app.salesforce.calls.urgency import Change, Urgency
from app.salesforce.rows.answering import echoed, replaced
from app.salesforce.rows.row import HAVE_CHILDREN, PARENTS, Key, Row, Shelf, belonging, row_of
from app.salesforce.rows.shelves import Shelves
from streams.domain.command import Command, Field
from streams.domain.identity import ClientId
from streams.ports import Answer, Replaced


class Waiting:
    """The open rows of one org, in order."""

    def __init__(self) -> None:
        self.shelves = Shelves()
        """Those that could go now."""
        self._open: dict[Key, Row] = {}
        self._rows: set[Row] = set()
        self._count = count()
        self._parents: dict[ClientId, list[Row]] = {}
        """Open rows that others of their clients may have to wait for."""

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(tuple(self._rows))

    def put(self, command: Command, answer: asyncio.Future[Answer], now: float, change: Change) -> None:
        """Take in `command`, whose asker waits for `answer`.

        A waiting older state of the row is replaced and answered so, but what goes along of it with the
        newer one shares that one's fate; a state older than the open one is answered so at once; a repeat
        of what is on the wire shares its answer.
        """
        row = row_of(command, answer, now, change)
        last = self._open.get(row.key)
        if last is None or last.command.client != command.client:
            self._open_row(row, last)
        elif command.version < last.command.version and not last.given_up:
            answer.set_result(Replaced(last.command.id))
        elif last.on_wire and _same(last.command, command) and not last.given_up:
            echoed(last, answer)
        elif last.on_wire or _followed_by_namesake(last):
            self._open_row(row, last)
        elif self._goes_before_its_sale(last, command):
            replaced(last, command, answer)
            row.demanded = max(row.demanded, last.demanded)
            self._open_row(row, last)
        else:
            _replace(last, row)
            last.nth = next(self._count)
            self._urge(last, row.urgency)

    def take(self, shelf: Shelf, size: int) -> list[Row]:
        """Put up to `size` rows of `shelf` on the wire and return them; nobody waits for dropped ones."""
        taken: list[Row] = []
        while len(taken) < size and (row := self.shelves.pop(shelf)) is not None:
            if row.given_up:
                self.done(row)
            else:
                row.on_wire = True
                taken.append(row)
        self.shelves.leave(taken)
        return taken

    def done(self, row: Row) -> None:
        """Close `row`; what waited for it alone gets ready."""
        self._rows.discard(row)
        if self._open.get(row.key) is row:
            del self._open[row.key]
        if row.command.sobject in HAVE_CHILDREN:
            self._forget_parent(row)
        for follower in row.followers:
            follower.blockers.remove(row)
            if not follower.blockers:
                self.shelves.put(follower)

    def behind(self, row: Row) -> list[Row]:
        """Return the rows of the same client that came after `row` and are not on the wire."""
        its = row.command.client
        return [
            it
            for it in self._rows
            if it.command.client == its
            and it.nth > row.nth
            and it.key != row.key
            and not (it.on_wire or it.given_up)
        ]

    def set_aside(self, row: Row) -> bool:
        """Take `row` off the wire, to be sent `again` later; meanwhile newer commands may replace it.

        Return False when one already has: it waited behind, and now stands in this row's place.
        """
        row.on_wire = False
        row.tries += 1
        newer = self._open.get(row.key)
        if newer is None or newer is row or newer.command.client != row.command.client:
            return True
        if row not in newer.blockers or _followed_by_namesake(row):  # what is between goes after this
            return True
        replaced(row, newer.command, newer.answer)
        newer.fields = _in_turn(row.fields, newer.fields)
        newer.demanded, newer.anew = max(row.demanded, newer.demanded), row.anew
        self._urge(newer, row.urgency)
        for follower in row.followers:
            if follower is not newer:
                follower.blockers[follower.blockers.index(row)] = newer
                newer.followers.append(follower)
        row.followers = [newer]
        self.done(row)
        return False

    def again(self, rows: Iterable[Row]) -> None:
        """Make rows that were set aside ready to be sent."""
        for row in rows:
            self.shelves.put(row)

    def _open_row(self, row: Row, last: Row | None) -> None:
        command = row.command
        row.blockers, row.nth = self._blockers(row, last), next(self._count)
        for blocker in row.blockers:
            blocker.followers.append(row)
            self._urge(blocker, row.urgency)
        self._rows.add(row)
        self._open[row.key] = row
        if command.sobject in HAVE_CHILDREN:
            self._parents.setdefault(command.client, []).append(row)
        if not row.blockers:
            self.shelves.put(row)

    def _blockers(self, row: Row, last: Row | None) -> list[Row]:
        """Return what must be done before `row`."""
        command = row.command
        blockers = [] if last is None else [last]
        its = self._parents.get(command.client, ())
        blockers += [it for it in its if it.command.sobject in PARENTS[command.sobject]]
        blockers += [it for it in its if _namesakes(it, row)]
        if (belongs_to := belonging(command)) and (one := self._open.get(belongs_to)):
            blockers.append(one)
        return blockers

    def _goes_before_its_sale(self, row: Row, newer: Command) -> bool:
        """Tell whether `row` waits since before a state of the Opportunity that `newer` has to follow.

        Lines are refused until it has their currency.
        """
        belongs_to = belonging(newer)
        sale = self._open.get(belongs_to) if belongs_to else None
        return sale is not None and sale not in row.blockers

    def _urge(self, row: Row, urgency: Urgency) -> None:
        """Make `row`, and all that it waits for, as urgent as what waits for it."""
        if urgency < row.urgency:
            self.shelves.urge(row, urgency)
            for blocker in row.blockers:
                self._urge(blocker, urgency)

    def _forget_parent(self, row: Row) -> None:
        siblings = self._parents[row.command.client]
        siblings.remove(row)
        if not siblings:
            del self._parents[row.command.client]


def _replace(row: Row, newer: Row) -> None:
    """Let what `newer` asks for take the place of the waiting `row`'s, whose asker is told so."""
    given_up = row.given_up
    replaced(row, newer.command, newer.answer)
    row.fields = newer.fields if given_up else _in_turn(row.fields, newer.fields)
    row.command, row.told = newer.command, newer.told
    row.demanded = max(row.demanded, newer.demanded)
    row.answer = newer.answer
    row.failed_alone, row.failed_after, row.failed_itself = 0, -1, 0


def _in_turn(older: Mapping[str, Field], newer: Mapping[str, Field]) -> Mapping[str, Field]:
    """Return what a row holds when both were written one after the other."""
    return newer if older.keys() <= newer.keys() else {**older, **newer}


def _namesakes(one: Row, other: Row) -> bool:
    """Tell whether both are the client's Account, each found another way."""
    return one.command.sobject is other.command.sobject and one.key != other.key


def _followed_by_namesake(row: Row) -> bool:
    """Tell whether the same Account is written another way after `row`: what is newer goes after that."""
    return any(_namesakes(it, row) for it in row.followers)


def _same(one: Command, other: Command) -> bool:
    alike = one.version == other.version and one.content == other.content
    return alike and one.nonce == other.nonce
