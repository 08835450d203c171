"""Kafka in memory: logs per topic and partition, committed offsets, a sink that takes time and may fail."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.kafka.partition import partition_of
from app.worker.stores import Rows
from streams.domain.place import Place
from streams.loop.claims import Entry
from streams.loop.contract import Delivery, Sendable, Spot
from streams.loop.holding import Holding
from streams.loop.pump import Pump

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)

Delay = Callable[[Spot], float]
"""Seconds that an append at a spot takes; it may raise to refuse it."""


def at_once(_spot: Spot) -> float:
    return 0.0


@dataclass
class Broker:
    """The logs, and how far the group has committed each of them. It outlives every worker."""

    partitions: int = 4
    logs: dict[Spot, list[Sendable]] = field(default_factory=lambda: defaultdict(list))
    committed: dict[Spot, int] = field(default_factory=lambda: defaultdict(int))
    generation: int = 0
    """Of the consumer group; it rises with each assignment."""

    def join(self) -> int:
        """Give the partitions to another worker; return the group's generation."""
        self.generation += 1
        return self.generation

    def append(self, spot: Spot, records: Sequence[Sendable]) -> int:
        """Keep the records; return the last one's offset."""
        self.logs[spot].extend(records)
        return len(self.logs[spot]) - 1

    def topic(self, name: str) -> list[Sendable]:
        """Return everything in a topic, partition by partition."""
        return [record for (topic, _), log in sorted(self.logs.items()) if topic == name for record in log]

    def delivery(self, spot: Spot, offset: int) -> Delivery:
        """Return a kept record as a reader gets it."""
        key, value, headers = self.logs[spot][offset]
        place = Place(topic=spot[0], partition=spot[1], offset=offset)
        return Delivery(place, key, value, EPOCH, tuple(headers))

    def entries(self, changelog: Spot, first: int = 0, until: int | None = None) -> list[Entry]:
        """Return the records of a changelog from one offset to before another."""
        some = enumerate(self.logs[changelog][first:until], first)
        return [Entry(offset, key, value, tuple(headers)) for offset, (key, value, headers) in some]

    def table(self, changelog: Spot) -> dict[bytes, bytes]:
        """Return the state that a changelog stands for."""
        state = Rows()
        if entries := self.entries(changelog):
            Holding(state, state.load, changelog).take(entries)
        return dict(state)


@dataclass
class BrokerLog:
    """Changelogs, as a new owner reads them; each read takes time."""

    broker: Broker
    holdings: Sequence[Holding]
    pause: Callable[[], Awaitable[None]]

    async def ends(self) -> Mapping[Spot, int]:
        await self.pause()
        return {spot: len(self.broker.logs[spot]) for spot in (it.journal.changelog for it in self.holdings)}

    async def read(self, until: Mapping[Spot, int]) -> None:
        for it in self.holdings:
            await self.pause()
            spot = it.journal.changelog
            if entries := self.broker.entries(spot, it.journal.end + 1, until[spot]):
                it.take(entries)


@dataclass
class BrokerSink:
    """The way into a broker: order per spot holds, spots are independent of each other."""

    broker: Broker
    delay: Delay = at_once
    _tails: dict[Spot, "asyncio.Task[int]"] = field(default_factory=dict)

    def partition(self, key: bytes | None, /) -> int:
        return 0 if key is None else partition_of(key, self.broker.partitions)

    async def post(self, records: Mapping[Spot, Sequence[Sendable]], /) -> Awaitable[Mapping[Spot, int]]:
        """Send each spot's records behind those that were sent there before."""
        for spot, its in records.items():
            self._tails[spot] = asyncio.create_task(self._write(spot, list(its), self._tails.get(spot)))
        return self._ends({spot: self._tails[spot] for spot in records})

    def cut(self) -> None:
        """Lose what has not reached the broker yet, as a killed process does."""
        for task in self._tails.values():
            task.cancel()

    async def _write(self, spot: Spot, records: list[Sendable], before: "asyncio.Task[int] | None") -> int:
        if before is not None:
            await asyncio.wait([before])
            if before.cancelled() or before.exception() is not None:
                message = f"what stood before it in {spot} was refused"
                raise ConnectionError(message)
        await asyncio.sleep(self.delay(spot))
        return self.broker.append(spot, records)

    @staticmethod
    def _ends(written: Mapping[Spot, "asyncio.Task[int]"]) -> "asyncio.Future[dict[Spot, int]]":
        async def gather() -> dict[Spot, int]:
            under_way = map(asyncio.shield, written.values())  # no longer waited for, they land all the same
            return dict(zip(written, await asyncio.gather(*under_way), strict=True))

        return asyncio.ensure_future(gather())


@dataclass
class Reader:
    """Feeds one partition of a topic to a pump, from the commit on; commits what is acknowledged in a row."""

    broker: Broker
    spot: Spot
    _acked: set[int] = field(default_factory=set)

    async def feed(self, pump: Pump) -> None:
        """Read to the end of the log, as it stands when it is reached."""
        offset = self.broker.committed[self.spot]
        while offset < len(self.broker.logs[self.spot]):
            await pump.take(self.broker.delivery(self.spot, offset), lambda offset=offset: self.ack(offset))  # type: ignore[misc]
            offset += 1

    def ack(self, offset: int) -> None:
        self._acked.add(offset)
        while (next_ := self.broker.committed[self.spot]) in self._acked:
            self._acked.remove(next_)
            self.broker.committed[self.spot] = next_ + 1
