"""The record log of one connection, from its beginning to where it ends now."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiokafka import TopicPartition

from app.kafka.log import Progress, bounds, stretch
from streams.codec import readable
from streams.domain.identity import ConnectionName
from streams.domain.record import Record


async def record_log(
    options: Mapping[str, Any], connection: ConnectionName, place: TopicPartition, progress: Progress
) -> AsyncIterator[Record | None]:
    """Yield the connection's records of one partition in their order; None for one that cannot be read.

    All of a client's records are in one partition, so that its books can be closed after it.

    Raises:
        Unreachable: no broker answers, or one fell silent.
    """
    mine = f"{connection}:".encode()
    begin, end = (await bounds(options, [place]))[place]
    async for message in stretch(options, place, begin, end, progress):
        if (message.key or b"").startswith(mine):
            yield readable(Record, message.value)
