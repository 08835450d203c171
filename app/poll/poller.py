"""One pass over a connection's lists: what is news, or has become overdue, becomes an event."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.freshbooks.client import Listed
from app.poll.dues import Dues
from app.poll.findings import Lists, Named, Seen, Told, event_of, first_day
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, ObjectKind
from streams.loop.contract import Clock

Produce = Callable[[Sequence[Event]], Awaitable[None]]
"""Returns when all are acknowledged by Kafka."""

PARENTS_FIRST: Final = (ObjectKind.CLIENT, ObjectKind.INVOICE, ObjectKind.PAYMENT)
BATCH: Final = 500


@dataclass(slots=True)
class Poller:
    """The poller of one connection: lists, compares, produces events for what is news."""

    connection: ConnectionName
    lists: Lists
    produce: Produce
    clock: Clock
    since: datetime
    """Everything that changed before this moment is taken as known."""
    dues: Dues
    recall: Callable[[], Awaitable[Told]] | None = None
    """What pollers before this one told, asked once: a poller that was away starts where it stopped."""
    seen: Seen = field(default_factory=Seen)
    _told: Told = field(default_factory=Told)

    async def run_pass(self) -> int:
        """Look at every list once; return how many events were produced.

        The next pass starts where this one started, less a day: a change during the pass is not missed.
        """
        started = self.clock()
        await self._remember()
        produced = 0
        listed: set[Named] = set()
        for kind in PARENTS_FIRST:
            for deleted in (False, True):
                produced += await self._list(kind, listed, deleted=deleted)
        produced += await self.dues.tell(started, self.produce)
        self.since = started
        self.seen.forget_all_but(listed)
        self._told = Told()  # all that is listed is in `seen` now
        return produced

    async def _remember(self) -> None:
        """Take up what the log tells: from when on to ask, and what of it is no news."""
        if self.recall is not None:
            self._told = await self.recall()
            self.since = min(self.since, self._told.first or self.since)
            self.recall = None

    async def _list(self, kind: ObjectKind, listed: set[Named], *, deleted: bool) -> int:
        """Say what is news on one list, and add to `listed` all that is on it."""
        produced = 0
        news: list[Listed] = []
        since = first_day(self.since)
        async for finding in self.lists.changed(self.connection, kind, since, deleted=deleted):
            listed.add((finding.kind, finding.object_id))
            if self._is_told(finding):
                self.seen.keep([finding])
            elif self.seen.is_news(finding):
                news.append(finding)
            if len(news) == BATCH:
                produced += await self._say(news)
                news = []
        return produced + await self._say(news)

    def _is_told(self, finding: Listed) -> bool:
        ids = self._told.ids
        return bool(ids) and event_of(self.connection, finding, self.since).id in ids

    async def _say(self, news: list[Listed]) -> int:
        if news:
            at = self.clock()
            await self.produce([event_of(self.connection, finding, at) for finding in news])
            self.seen.keep(news)
        return len(news)
