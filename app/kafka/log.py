"""Reading a log apart from any group: by whoever looks something up, or goes through all of it once."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from app.kafka.ending import ended
from app.kafka.failures import KafkaAway

SILENCE: Final = 15_000
"""Milliseconds without a record, where there are more, until we stop to wait."""

Progress = Callable[[int, int], None]
"""Hears how many messages were read, of how many."""


def unseen(_read: int, _of: int) -> None:
    """Show nobody how far we are."""


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
        await ended(consumer.stop())


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


async def bounds(
    options: Mapping[str, Any], places: Sequence[TopicPartition]
) -> Mapping[TopicPartition, tuple[int, int]]:
    """Return where each partition begins, and where it ends now.

    Raises:
        KafkaAway: no broker answers.
    """
    async with reading(options) as consumer:
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    return {place: (begins[place], ends[place]) for place in places}


async def first_since(
    options: Mapping[str, Any], ranges: Mapping[TopicPartition, tuple[int, int]], since: datetime
) -> dict[TopicPartition, int]:
    """Return the first offset of each partition that was written at `since` or later; its end for none.

    Raises:
        KafkaAway: no broker answers.
    """
    moment = int(since.timestamp() * 1000)
    async with reading(options) as consumer:
        found = await consumer.offsets_for_times(dict.fromkeys(ranges, moment))
    return {
        place: end if found.get(place) is None else found[place].offset for place, (_, end) in ranges.items()
    }


async def stretch(
    options: Mapping[str, Any], place: TopicPartition, begin: int, end: int, progress: Progress = unseen
) -> AsyncGenerator[ConsumerRecord, None]:
    """Yield what stands in a partition from `begin` to before `end`, in its order.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    if begin >= end:
        return
    async with reading(options) as consumer:
        consumer.assign([place])
        consumer.seek(place, begin)
        while (at := await consumer.position(place)) < end:
            progress(at - begin, end - begin)
            for record in await some(consumer, place):
                if record.offset < end:
                    yield record
        progress(end - begin, end - begin)
