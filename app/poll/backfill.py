"""History: everything that FreshBooks lists becomes events, parents first; what the log has is left out."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Container, Mapping
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
    """Hears how many objects were looked at so far."""
    pace: Pace | None = None
    """Keeps it close ahead of the workers; without one it waits for nobody."""

    async def run(self) -> Done:
        """Write what is not known yet.

        Raises:
            Permanent: FreshBooks refuses a list; what was written stays.
        """
        listed = written = 0
        news: list[Event] = []
        portion = self.pace.portion(BATCH) if self.pace else BATCH
        async for finding in self._findings():
            listed += 1
            event = event_of(self.connection, finding, self.clock())
            if event.id not in self.known:
                news.append(event)
            if len(news) == portion:
                written += await self._write(news)
                news = []
            self.progress(listed)
        return Done(listed, written + await self._write(news))

    async def _findings(self) -> AsyncIterator[Listed]:
        for kind, deleted in SHELVES:
            async for finding in self.lists.changed(self.connection, kind, self.since, deleted=deleted):
                yield finding

    async def _write(self, news: list[Event]) -> int:
        if news and self.pace:
            await self.pace.room_for(len(news))
        if news:
            await self.produce(news)
        return len(news)
