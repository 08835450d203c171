"""Read a partition once more, for a connection that is aside."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from app.kafka.ending import ended
from streams.domain.place import Place
from streams.loop.contract import Delivery, Spot

_log = structlog.get_logger(__name__)

AT_ONCE: Final = 4
"""Partitions read at a time: when a whole vendor was away, all connections have to catch up."""
AT_A_TIME: Final = 500
"""Records between two turns of the event loop."""


class Again:
    """Lends a consumer without a group to whoever has to go back; nothing is committed by it."""

    def __init__(self, kafka: Mapping[str, Any]) -> None:
        self._kafka = kafka
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, spot: Spot, offset: int) -> AsyncGenerator[Delivery, None]:
        """Yield what stands in a partition from `offset` to where it ends now.

        Raises:
            KafkaError: it could not be read; the process must not go on as if it had been.
        """
        # "earliest": with the default policy the first fetch races the seek, and now and then reads nothing.
        async with self._turns:
            consumer = AIOKafkaConsumer(**self._kafka, auto_offset_reset="earliest", enable_auto_commit=False)
            try:
                await consumer.start()
                async for delivery in _deliveries(consumer, TopicPartition(*spot), offset):
                    yield delivery
            finally:
                await ended(consumer.stop())


async def _deliveries(
    consumer: AIOKafkaConsumer, at: TopicPartition, offset: int
) -> AsyncGenerator[Delivery, None]:
    consumer.assign([at])
    first = (await consumer.beginning_offsets([at]))[at]
    end = (await consumer.end_offsets([at]))[at]
    if first > offset:
        _tell_of_the_gap(at, offset, first)
    consumer.seek(at, max(first, offset))
    while await consumer.position(at) < end:
        batches = await consumer.getmany(at, timeout_ms=1000, max_records=AT_A_TIME)
        for record in batches.get(at, ()):
            yield _delivery(record)
        await asyncio.sleep(0)  # what is fetched ahead is handed over without a wait


def _tell_of_the_gap(at: TopicPartition, offset: int, first: int) -> None:
    """Say that a connection was aside for longer than its topic is kept: only a replay brings that back."""
    _log.error(
        "connection.aside_too_long",
        topic=at.topic,
        partition=at.partition,
        gone_from=offset,
        gone_to=first - 1,
        mend="replay the connection from the records, which are kept for ever",
    )


def _delivery(record: Any) -> Delivery:
    place = Place(topic=record.topic, partition=record.partition, offset=record.offset)
    moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Delivery(place, record.key, record.value, moment, tuple(record.headers or ()))
