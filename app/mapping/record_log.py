"""The record log of one connection, from its beginning to where it ends now."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.kafka.log import reading, some
from streams.codec import decode
from streams.domain.errors import Undecodable
from streams.domain.identity import ConnectionName
from streams.domain.record import Record

Progress = Callable[[int, int], None]
"""Hears how many messages were read, of how many."""


async def record_log(
    options: Mapping[str, Any], connection: ConnectionName, place: TopicPartition, progress: Progress
) -> AsyncIterator[Record | None]:
    """Yield the connection's records of one partition in their order; None for one that cannot be read.

    All of a client's records are in one partition, so that its books can be closed after it.

    Raises:
        Unreachable: no broker answers, or one fell silent.
    """
    mine = f"{connection}:".encode()
    async with reading(options) as consumer:
        consumer.assign([place])
        begin, end = await _bounds(consumer, place)
        consumer.seek(place, begin)
        while (at := await consumer.position(place)) < end:
            progress(at - begin, end - begin)
            for message in await some(consumer, place):
                if message.offset < end and (message.key or b"").startswith(mine):
                    yield _read(message.value)
        progress(end - begin, end - begin)


async def _bounds(consumer: AIOKafkaConsumer, place: TopicPartition) -> tuple[int, int]:
    """Return where the partition begins, and where it ends now."""
    begins, ends = await consumer.beginning_offsets([place]), await consumer.end_offsets([place])
    return begins[place], ends[place]


def _read(raw: bytes | None) -> Record | None:
    try:
        return decode(Record, raw)
    except Undecodable:
        return None
