"""The rows of a table as they stand now, for whoever looks and does not keep them."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from aiokafka import TopicPartition

from app.kafka.log import bounds, reading, some
from streams.loop.claims import Change
from streams.loop.holding import Holding
from streams.topics import Table


async def rows_of(options: Mapping[str, Any], table: Table, partition: int) -> dict[bytes, bytes]:
    """Return one partition's rows, from its changelog; nothing is claimed, and its owner works on.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    place = TopicPartition(table.changelog, partition)
    begin, end = (await bounds(options, [place]))[place]
    rows: dict[bytes, bytes] = {}
    holding = Holding(rows, partial(_load, rows), (place.topic, partition))
    if begin < end:
        async with reading(options) as consumer:
            consumer.assign([place])
            consumer.seek(place, begin)
            while await consumer.position(place) < end:
                holding.take(await some(consumer, place))
    return rows


def _load(rows: dict[bytes, bytes], changes: Iterable[Change]) -> None:
    for key, value in changes:
        if value is None:
            rows.pop(key, None)
        else:
            rows[key] = value
