"""Windows into Kafka: whole batches, so that the producer does per window what it would do per record."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from app.kafka.partition import partition_of
from streams.loop.contract import Sendable, Spot

Posted = list[tuple["asyncio.Future[Any]", int]]
"""Of one spot: what tells a batch's first offset, and how many records the batch has."""


@dataclass(frozen=True, slots=True)
class KafkaSink:
    """Where a worker's windows go; the producer is idempotent and waits for all replicas in sync."""

    producer: AIOKafkaProducer
    partitions: int
    fence: Callable[[], None] = lambda: None
    """Ends the process when it must not write any more."""

    def partition(self, key: bytes | None, /) -> int:
        """Return the partition of a key, as every Kafka client chooses it; without a key the first."""
        return 0 if key is None else partition_of(key, self.partitions)

    async def post(self, records: Mapping[Spot, Sequence[Sendable]], /) -> Awaitable[Mapping[Spot, int]]:
        """Hand a window over; return what tells, per spot, the last offset when all of it is durable."""
        self.fence()
        posted = await asyncio.gather(*(self._post(spot, its) for spot, its in records.items()))
        return _durable(dict(zip(records, posted, strict=True)))

    async def _post(self, spot: Spot, records: Sequence[Sendable]) -> Posted:
        """Post the records of one spot, batch after batch: so they stand in order."""
        topic, partition = spot
        posted: Posted = []
        for batch in self._batches(records):
            future = await self.producer.send_batch(batch, topic, partition=partition)
            posted.append((future, batch.record_count()))
        return posted

    def _batches(self, records: Sequence[Sendable]) -> list[Any]:
        batches = [self.producer.create_batch()]
        for record in records:
            if not _fits(batches[-1], record):
                batches.append(self.producer.create_batch())
                if not _fits(batches[-1], record):
                    message = "a record that fits into no batch"
                    raise ValueError(message)
        for batch in batches:
            batch.close()
        return batches


def _fits(batch: Any, record: Sendable) -> bool:
    key, value, headers = record
    return batch.append(timestamp=None, key=key, value=value, headers=[*headers]) is not None


async def _durable(posted: Mapping[Spot, Posted]) -> Mapping[Spot, int]:
    ends: dict[Spot, int] = {}
    for spot, batches in posted.items():
        for future, count in batches:
            ends[spot] = (await future).offset + count - 1
    return ends
