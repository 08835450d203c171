"""The rows that could go now, by object, in the order in which they came.

Two kinds stay behind: rows of a client that is on the wire, so that no client is in two lanes at a time,
however many lanes there are or become; and rows less urgent than what the org's allowance leaves room for.
"""

from collections import OrderedDict
from collections.abc import Iterable

from app.salesforce.calls.urgency import Urgency
from app.salesforce.rows.row import NEVER, Row, Shelf
from streams.domain.command import RANK
from streams.domain.identity import ClientId

_Rows = OrderedDict[Row, None]


class Shelves:
    """Ready rows of one org."""

    def __init__(self) -> None:
        self._shelves: dict[Shelf, _Rows] = {}
        self._of: dict[ClientId, dict[Row, None]] = {}
        self._away: dict[ClientId, list[Row]] = {}
        """Clients on the wire, with the rows that got ready meanwhile."""
        self._kept: dict[Row, None] = {}
        """Not urgent enough for now."""
        self._least: Urgency | None = Urgency.DETAILS
        self._last: dict[Shelf, float] = {}
        """Those of which nothing passes until a person has mended something, and since when they count."""

    @property
    def kept(self) -> int:
        """How many rows wait for the org's allowance."""
        return len(self._kept)

    def put(self, row: Row, *, first: bool = False) -> None:
        """Let `row` go when its turn comes; `first` if it has waited long already."""
        client = row.command.client
        if (waiting := self._away.get(client)) is not None:
            waiting.append(row)
        elif self._least is None or row.urgency > self._least:
            self._kept[row] = None
        else:
            self._shelve(row, client, first=first)

    def _shelve(self, row: Row, client: ClientId, *, first: bool) -> None:
        if (shelf := self._shelves.get(row.shelf)) is None:
            shelf = self._shelves[row.shelf] = OrderedDict()
        shelf[row] = None
        if first:
            shelf.move_to_end(row, last=False)
        if (its := self._of.get(client)) is None:
            self._of[client] = {row: None}
        else:
            its[row] = None

    def urge(self, row: Row, urgency: Urgency) -> None:
        """Make `row` at least as urgent as what waits for it."""
        if urgency >= row.urgency:
            return
        row.urgency = urgency
        if row in self._kept:
            del self._kept[row]
            self.put(row)

    def admit(self, least: Urgency | None) -> None:
        """Let go only rows that are as urgent as `least`; none when it is None."""
        if least is self._least:
            return
        self._least = least
        kept, self._kept = self._kept, {}
        on_shelves = [row for shelf in self._shelves.values() for row in shelf]
        self._shelves.clear()
        self._of.clear()
        for row in (*kept, *on_shelves):
            self.put(row)

    def lets_pass(self, shelf: Shelf, until: float) -> None:
        """Note that what comes before `until` goes before `shelf`, for which no number of rows is full."""
        self._last[shelf] = until

    def takes_turns(self, shelf: Shelf) -> None:
        """Note that `shelf` has its turn as any other."""
        self._last.pop(shelf, None)

    def full(self, size: int) -> Shelf | None:
        """Return the shelf that fills a batch of `size`; of several, the one that waits longest."""
        shelves = self._shelves.items()
        return self._longest_waiting(
            (shelf, rows) for shelf, rows in shelves if len(rows) >= size and shelf not in self._last
        )

    def next(self) -> Shelf | None:
        """Return the shelf whose first row waits longest; None when nothing may go."""
        return self._longest_waiting(self._shelves.items())

    def behind(self, shelf: Shelf) -> Iterable[Row]:
        """Return the rows that wait for `shelf` now, those of clients on the wire too."""
        away = (row for rows in self._away.values() for row in rows if row.shelf == shelf)
        return (*self._shelves.get(shelf, ()), *away)

    def since(self, shelf: Shelf) -> float:
        """Return since when the first row of `shelf` waits."""
        return next(iter(self._shelves[shelf])).since

    def pop(self, shelf: Shelf) -> Row | None:
        """Return the first row of `shelf`, which leaves it; None when there is none."""
        rows = self._shelves.get(shelf)
        if rows is None:
            return None
        row, _ = rows.popitem(last=False)
        self._left(row, rows)
        return row

    def leave(self, rows: Iterable[Row]) -> None:
        """Note that `rows` go on the wire: what else their clients have ready waits for `back`."""
        for client in {row.command.client for row in rows}:
            ready = [*self._of.get(client, ())]
            for row in ready:
                shelf = self._shelves[row.shelf]
                del shelf[row]
                self._left(row, shelf)
            self._away[client] = ready

    def back(self, rows: Iterable[Row]) -> None:
        """Note that `rows` are off the wire again; what waited for their clients goes first."""
        for client in {row.command.client for row in rows}:
            for row in reversed(self._away.pop(client)):
                self.put(row, first=True)
            if its := self._of.get(client):
                self._of[client] = dict.fromkeys(reversed(its))  # in the order in which they came

    def _left(self, row: Row, shelf: _Rows) -> None:
        if not shelf:
            del self._shelves[row.shelf]
        its = self._of[row.command.client]
        del its[row]
        if not its:
            del self._of[row.command.client]

    def _longest_waiting(self, shelves: Iterable[tuple[Shelf, _Rows]]) -> Shelf | None:
        """Return the shelf with the oldest first row; of equals, parents first."""
        ranked = ((self._counts(shelf, rows), RANK[shelf[0]], shelf) for shelf, rows in shelves)
        return min(ranked, default=(0.0, 0, None))[2]

    def _counts(self, shelf: Shelf, rows: _Rows) -> float:
        """Return since when a shelf counts as waiting."""
        return max(next(iter(rows)).since, self._last.get(shelf, NEVER))
