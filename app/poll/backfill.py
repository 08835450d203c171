"""History: everything that FreshBooks lists becomes events, parents first; what the log has is left out."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, Protocol

from app.freshbooks.client import Listed
from app.poll.findings import event_of
from app.poll.pace import Pace
from app.poll.poller import BATCH, PARENTS_FIRST, Produce
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, EventId, ObjectKind
from streams.loop.contract import Clock

A_CALL: Final = 200
"""Rows that one call to Salesforce carries at the most."""

_ROWS: Final = {ObjectKind.CLIENT: 2, ObjectKind.INVOICE: 1, ObjectKind.PAYMENT: 0}
"""Rows of its own that an object becomes: Account and Contact, Opportunity; a payment has none."""


class History(Protocol):
    """FreshBooks' lists, with their lengths."""

    def changed(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> AsyncIterator[Listed]:
        """Yield what changed on or after the day `since`, or all; deleted objects are listed apart.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        ...

    async def how_many(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> int:
        """Return how many FreshBooks says are on that list: at the most, for some may be hidden from us.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        ...


class Shelf(NamedTuple):
    """One of the lists that history stands on."""

    kind: ObjectKind
    deleted: bool


SHELVES: Final = tuple(Shelf(kind, deleted) for kind in PARENTS_FIRST for deleted in (False, True))


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a backfill comes to, before anything is written."""

    lengths: Mapping[Shelf, int]

    @property
    def kinds(self) -> Mapping[ObjectKind, int]:
        """How many objects of each kind, deleted ones among them."""
        kinds = Counter[ObjectKind]()
        for shelf, length in self.lengths.items():
            kinds[shelf.kind] += length
        return kinds

    @property
    def objects(self) -> int:
        """How many objects are read from FreshBooks, one by one, at the most."""
        return sum(self.lengths.values())

    @property
    def calls(self) -> int:
        """How many calls Salesforce gets for their rows, at the least: no call carries two kinds of rows."""
        return sum(_ROWS[kind] * -(-count // A_CALL) for kind, count in self.kinds.items())


async def forecast(lists: History, connection: ConnectionName, since: date | None) -> Forecast:
    """Ask FreshBooks how long its lists are: six calls.

    Raises:
        Permanent: FreshBooks refuses a list.
    """
    return Forecast(
        {it: await lists.how_many(connection, it.kind, since, deleted=it.deleted) for it in SHELVES}
    )


class Done(NamedTuple):
    """What a backfill did."""

    listed: int
    written: int


@dataclass(frozen=True, slots=True)
class Backfill:
    """Goes through the lists once. Stopped at any point and run again, on any machine, it writes the rest.

    Its progress is the log itself: an event is named by what was found and in which version, so what stands
    in the log in that version is known, whoever found it.
    """

    connection: ConnectionName
    lists: History
    produce: Produce
    clock: Clock
    known: Container[EventId]
    """Ids of events that the log holds."""
    since: date | None
    progress: Callable[[int], object]
    """Hears how many objects were listed so far."""
    pace: Pace | None = None
    """Keeps it close ahead of the workers; without one it waits for nobody."""
    settled: Callable[[int], object] = abs
    """Hears how many objects the log has by now."""

    async def run(self) -> Done:
        """Write what is not known yet.

        A list is gone through before any of it is written: its pages would not stand still while we wait. So
        what is new on one list (id, moment, whether it is deleted) is in memory at a time.

        Raises:
            Permanent: FreshBooks refuses a list; what was written stays.
        """
        done = Done(0, 0)
        for shelf in SHELVES:
            news: list[Listed] = []
            async for finding in self.lists.changed(
                self.connection, shelf.kind, self.since, deleted=shelf.deleted
            ):
                done = Done(done.listed + 1, done.written)
                self.progress(done.listed)
                if self._event(finding).id not in self.known:
                    news.append(finding)
            await self._write(news, done.listed - len(news))
            done = Done(done.listed, done.written + len(news))
        return done

    async def _write(self, news: Sequence[Listed], settled: int) -> None:
        portion = self.pace.portion(BATCH) if self.pace else BATCH
        self.settled(settled)
        for start in range(0, len(news), portion):
            some = [self._event(finding) for finding in news[start : start + portion]]
            if self.pace:
                await self.pace.room_for(len(some))
            await self.produce(some)
            self.settled(settled + start + len(some))

    def _event(self, finding: Listed) -> Event:
        return event_of(self.connection, finding, self.clock())
