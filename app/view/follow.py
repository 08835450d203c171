"""Follow the audit topic into the store, from where the database says it stands."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from app.kafka.inventory import spots
from app.kafka.pulse import Ends
from app.view.chain import Link, beginning, links
from app.view.rows import row
from app.view.store import Moved, Store
from streams.domain.audit import Step, Verdict
from streams.topics import AUDIT

BATCH: Final = 5_000
OTHER: Final = "other"
_STEPS: Final = frozenset(map(str, Step))
_VERDICTS: Final = frozenset(map(str, Verdict))
_log = structlog.get_logger()


class Follower:
    """One reader of all partitions; the database, not Kafka, holds its position."""

    def __init__(
        self,
        store: Store,
        options: Mapping[str, Any],
        topic: str = AUDIT.name,
        up_to_date: Callable[[Mapping[int, Link]], object] = dict,
    ) -> None:
        self._store, self._options, self._topic = store, options, topic
        self._up_to_date = up_to_date
        """Hears the newest links whenever everything is stored."""
        self._consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
        self.lag = 0
        """Entries not yet stored, as of the last batch."""
        self.heads: dict[int, Link] = {}
        """Of each partition the link at its last offset that is stored, and all before it is."""
        self.unreadable = 0
        """Entries that could not be read since the start; they stay in the topic."""
        self.ends = Ends(self._consumer)
        """Kafka, to be asked whether it answers."""
        self.stepped = asyncio.get_running_loop().time()
        """When a step was last finished, by the loop's clock."""
        self.seen = Counter[tuple[str, ...]]()
        """Entries that were stored since the start, by step and verdict."""

    async def start(self) -> None:
        """Take every partition of the topic and stand where the database stands."""
        await self._consumer.start()
        self._consumer.assign(await spots(self._options, self._topic))
        await self._stand()

    async def stop(self) -> None:
        """Stop reading; the database stays as it is."""
        await self._consumer.stop()

    async def run(self) -> None:
        """Store batch after batch until cancelled; say so when everything is stored."""
        while True:
            await self.step()
            self.stepped = asyncio.get_running_loop().time()
            if not self.lag:
                self._up_to_date(self.heads)

    async def step(self, wait: int = 1_000) -> int:
        """Store what has come within `wait` milliseconds; return how many entries were read."""
        batches = await self._consumer.getmany(timeout_ms=wait, max_records=BATCH)
        if not batches:
            await self._look()
            return 0
        records = [record for batch in batches.values() for record in batch]
        if any(batch[0].offset <= self.heads[at.partition].offset for at, batch in batches.items()):
            await self._begin_again("another topic of this name")
            return len(records)
        chains = {at.partition: [*links(self.heads[at.partition], batch)] for at, batch in batches.items()}
        try:
            rows = list(self._rows(records))
            await self._store.follow(rows, self.heads, chains)
        except Moved:
            _log.warning("view.moved")
            await self._stand()
            return len(records)
        self.seen.update(map(_what, rows))
        self.heads |= {at: chain[-1] for at, chain in chains.items()}
        self.lag = sum(map(self._behind, self._consumer.assignment()))
        return len(records)

    async def _look(self) -> None:
        """See whether somebody cleared the view while nothing came."""
        positions = await self._store.positions()
        if any(positions.get(at, 0) != link.offset + 1 for at, link in self.heads.items()):
            _log.warning("view.moved")
            await self._stand()

    async def _stand(self) -> None:
        """Go to where the database stands; one from before there were chains is built anew."""
        positions, heads = await self._store.positions(), await self._store.heads()
        if any(heads.get(at, beginning(at)).offset + 1 != offset for at, offset in positions.items()):
            await self._begin_again("a view without a chain")
            return
        for at in self._consumer.assignment():
            self.heads[at.partition] = heads.get(at.partition, beginning(at.partition))
            self._consumer.seek(at, self.heads[at.partition].offset + 1)

    async def _begin_again(self, why: str) -> None:
        """Build the view anew from the topic, which is the truth."""
        _log.warning("view.rebuilt", why=why)
        await self._store.clear()
        await self._stand()

    def _behind(self, at: TopicPartition) -> int:
        """Return how many entries of a partition are known to be there and are not stored."""
        return max(0, (self._consumer.highwater(at) or 0) - self.heads[at.partition].offset - 1)

    def _rows(self, records: Iterable[ConsumerRecord]) -> Iterator[dict[str, Any]]:
        for record in records:
            try:
                yield row(record.partition, record.offset, record.timestamp, record.value)
            except (ValueError, TypeError, AttributeError):
                self.unreadable += 1
                _log.warning("view.unreadable", partition=record.partition, offset=record.offset)


def _what(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Return step and verdict of an entry; words that are not ours count as `other`."""
    step, verdict = entry["step"], entry["verdict"]
    return step if step in _STEPS else OTHER, verdict if verdict in _VERDICTS else OTHER
