"""Read changelogs into tables in bulk: a million rows in seconds, where the framework needs minutes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.worker.stores import Partitions

AT_A_TIME: Final = 5_000
"""Records between two turns of the event loop; more, and larger fetches, cost memory and gain no speed."""


async def load(options: Mapping[str, Any], table: Partitions, partitions: Sequence[int]) -> None:
    """Bring `partitions` of a table up to where their changelog ends now.

    Raises:
        Undecodable: the changelog is damaged, or another table's.
        KafkaError: it could not be read; the table must not be used.
    """
    if not partitions:
        return
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
        await _load(consumer, table, [TopicPartition(table.table.changelog, p) for p in partitions])
    finally:
        await consumer.stop()


async def _load(consumer: AIOKafkaConsumer, table: Partitions, spots: list[TopicPartition]) -> None:
    consumer.assign(spots)
    ends: dict[TopicPartition, int] = await consumer.end_offsets(spots)
    for spot in spots:
        if held := table.end(spot.partition) + 1:
            consumer.seek(spot, held)
    while left := [spot for spot in spots if await consumer.position(spot) < ends[spot]]:
        batches = await consumer.getmany(*left, timeout_ms=1000, max_records=AT_A_TIME)
        for spot, records in batches.items():
            changes = ((record.key or b"", record.value) for record in records)
            table.take(spot.partition, changes, records[-1].offset)
