"""Reading a log apart from any group: by whoever looks something up, or goes through all of it once."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from app.kafka.failures import KafkaAway

SILENCE: Final = 15_000
"""Milliseconds without a record, where there are more, until we stop to wait."""


@asynccontextmanager
async def reading(options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaConsumer]:
    """Lend a consumer without a group; assign it what is to be read.

    Raises:
        KafkaAway: no broker answers.
    """
    consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    except KafkaError as error:
        raise KafkaAway(type(error).__name__) from None
    finally:
        await consumer.stop()


async def some(consumer: AIOKafkaConsumer, at: TopicPartition) -> Sequence[ConsumerRecord]:
    """Return the next records of a partition that has more.

    Raises:
        KafkaAway: none came.
    """
    found: Sequence[ConsumerRecord] = (await consumer.getmany(at, timeout_ms=SILENCE)).get(at, ())
    if not found:
        message = f"no more of {at.topic} came within {SILENCE / 1000:g} s"
        raise KafkaAway(message)
    return found
