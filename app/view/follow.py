"""Follow the audit topic into the store, from where the database says it stands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from app.kafka.inventory import spots
from app.view.rows import row
from app.view.store import Store
from streams.topics import AUDIT

_BATCH: Final = 5_000
_log = structlog.get_logger()


class Follower:
    """One reader of all partitions; the database, not Kafka, holds its position."""

    def __init__(self, store: Store, options: Mapping[str, Any], topic: str = AUDIT.name) -> None:
        self._store, self._options, self._topic = store, options, topic
        self._consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
        self.lag = 0
        """Entries not yet stored, as of the last batch."""
        self.stored: dict[int, int] = {}
        """The next offset of each partition: everything before it is stored."""
        self.unreadable = 0
        """Entries that could not be read since the start; they stay in the topic."""

    async def start(self) -> None:
        """Take every partition of the topic and stand where the database stands."""
        await self._consumer.start()
        self.stored = await self._store.positions()
        self._consumer.assign(await spots(self._options, self._topic))
        for at in self._consumer.assignment():
            if at.partition in self.stored:
                self._consumer.seek(at, self.stored[at.partition])

    async def stop(self) -> None:
        """Stop reading; the database stays as it is."""
        await self._consumer.stop()

    async def run(self) -> None:
        """Store batch after batch until cancelled."""
        while True:
            await self.step()

    async def step(self, wait: int = 1_000) -> int:
        """Store what has come within `wait` milliseconds; return how many entries were read."""
        batches = await self._consumer.getmany(timeout_ms=wait, max_records=_BATCH)
        if not batches:
            return 0
        records = [record for batch in batches.values() for record in batch]
        ends = {at.partition: batch[-1].offset + 1 for at, batch in batches.items()}
        await self._store.add(list(self._rows(records)), ends)
        self.stored |= ends
        self.lag = sum(self._behind(at) for at in self._consumer.assignment())
        return len(records)

    def _behind(self, at: TopicPartition) -> int:
        """Return how many entries of a partition are known to be there and are not stored."""
        return max(0, (self._consumer.highwater(at) or 0) - self.stored.get(at.partition, 0))

    def _rows(self, records: Iterable[ConsumerRecord]) -> Iterator[dict[str, Any]]:
        for record in records:
            try:
                yield row(record.partition, record.offset, record.timestamp, record.value)
            except (ValueError, TypeError, AttributeError):
                self.unreadable += 1
                _log.warning("view.unreadable", partition=record.partition, offset=record.offset)
