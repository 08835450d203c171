"""A fake of aiokafka's producer and the broker behind it: a log, and faults to switch on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaConnectionError, OutOfOrderSequenceNumber

Spot = tuple[str, int]


@dataclass(slots=True)
class FakeBatch:
    """Room for so many records."""

    room: int
    records: list[tuple[bytes | None, bytes | None, Sequence[Any]]] = field(default_factory=list)
    closed: bool = False

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: Sequence[Any]
    ) -> object | None:
        assert timestamp is None
        if len(self.records) == self.room:
            return None
        self.records.append((key, value, headers))
        return self

    def close(self) -> None:
        self.closed = True


@dataclass(slots=True)
class FakeBroker:
    """What Kafka holds, and how it behaves now."""

    log: dict[Spot, list[bytes | None]] = field(default_factory=dict)
    batches: list[tuple[Spot, int]] = field(default_factory=list)
    takes: float = 0.003
    silent: set[Spot] = field(default_factory=set)
    """Spots whose batches get no answer; they are written when it ends."""
    down: bool = False
    deaf: bool = False
    """Nothing is ever answered, not even after `silent` ends."""
    starts: int = 0
    room: int = 1_000

    def producer(self) -> "FakeProducer":
        return FakeProducer(self)


@dataclass(slots=True)
class FakeProducer:
    broker: FakeBroker
    fatal: bool = False
    stopped: bool = False

    async def start(self) -> None:
        self.broker.starts += 1
        await asyncio.sleep(0.01)
        if self.broker.down:
            raise KafkaConnectionError

    async def stop(self) -> None:
        self.stopped = True

    async def partitions_for(self, topic: str) -> set[int]:
        return {len(topic)}

    def create_batch(self) -> FakeBatch:
        return FakeBatch(self.broker.room)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> "asyncio.Future[object]":
        assert batch.closed, "aiokafka would linger"
        return asyncio.ensure_future(self._write((topic, partition), batch))

    async def _write(self, spot: Spot, batch: FakeBatch) -> object:
        await asyncio.sleep(self.broker.takes)
        while spot in self.broker.silent or self.broker.deaf:  # noqa: ASYNC110  # virtual time
            await asyncio.sleep(0.1)
        if self.fatal or self.stopped:
            raise OutOfOrderSequenceNumber
        self.broker.log.setdefault(spot, []).extend(value for _, value, _ in batch.records)
        self.broker.batches.append((spot, len(batch.records)))
        return None
