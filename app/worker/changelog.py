"""Read changelogs into tables in bulk: a million rows in seconds, where the framework needs minutes."""

import gc
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.kafka.ending import ended
from app.worker.stores import Partitions
from streams.loop import holding
from streams.loop.contract import Spot
from streams.loop.limits import Surroundings

AT_A_TIME: Final = 1_500
"""Records between two turns of the event loop; more, and larger fetches, cost memory and gain no speed:
5,000 hold 5 MB more."""


class Changelog:
    """The changelog of some partitions of a table, from where the table ends on."""

    def __init__(self, consumer: AIOKafkaConsumer, table: Partitions, partitions: Sequence[int]) -> None:
        self._consumer, self._table = consumer, table
        self._spots = [TopicPartition(table.table.changelog, partition) for partition in partitions]
        consumer.assign(self._spots)
        for spot in self._spots:
            if held := table.end(spot.partition) + 1:
                consumer.seek(spot, held)

    async def ends(self) -> Mapping[Spot, int]:
        """Return where each partition ends now."""
        return dict(await self._consumer.end_offsets(self._spots))

    async def read(self, until: Mapping[Spot, int]) -> None:
        """Take over what stands before `until` and is not here yet.

        Raises:
            Undecodable: the changelog is damaged, or another table's.
            KafkaError: it could not be read; the table must not be used.
        """
        with _no_garbage():
            await self._read(until)

    async def _read(self, until: Mapping[Spot, int]) -> None:
        position = self._consumer.position
        while left := [spot for spot in self._spots if await position(spot) < until[spot]]:
            batches = await self._consumer.getmany(*left, timeout_ms=1000, max_records=AT_A_TIME)
            for spot, records in batches.items():
                self._table.take(spot.partition, records)


@asynccontextmanager
async def reading(
    options: Mapping[str, Any], table: Partitions, partitions: Sequence[int]
) -> AsyncIterator[Changelog]:
    """Lend the changelog of some partitions of a table."""
    # "earliest": with the default policy the first fetch races the seek, and now and then reads nothing.
    consumer = AIOKafkaConsumer(
        **options,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=1 << 20,
        fetch_max_bytes=4 << 20,
    )
    await consumer.start()
    try:
        yield Changelog(consumer, table, partitions)
    finally:
        await ended(consumer.stop())


async def take_over(
    options: Mapping[str, Any],
    table: Partitions,
    partitions: Sequence[int],
    around: Surroundings,
    generation: int,
) -> None:
    """Bring `partitions` of a table here, as their owner (streams.loop.holding).

    Raises:
        Overtaken: another owner came in between.
        Undecodable: the changelog is damaged, or another table's.
        KafkaError: it could not be read; the table must not be used.
    """
    if partitions:
        holdings = [table.come(partition) for partition in partitions]
        async with reading(options, table, partitions) as log:
            await holding.take_over(holdings, log, around.sink, generation)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage: records come in millions, none is part of a cycle, the search costs a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
