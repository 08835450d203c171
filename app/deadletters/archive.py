"""The dead letters themselves: the audit says where one is to be found, the topic has its bytes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.kafka.log import reading, some
from app.view.letters import Letter
from streams.codec import decode
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Undecodable
from streams.topics import DEADLETTERS

SKEW: Final = timedelta(hours=1)
"""How far the clocks of a letter and of its audit entry may be apart before the whole topic is searched."""


async def fetched(options: Mapping[str, Any], letters: Sequence[Letter]) -> dict[str, DeadLetter]:
    """Return the dead letters by id; one that the topic does not hold is left out.

    A letter stands in the partition of the message that it buries, about when the audit tells of it.

    Raises:
        Unreachable: no broker answers, or one fell silent.
    """
    found: dict[str, DeadLetter] = {}
    async with reading(options) as consumer:
        for partition in sorted({letter.place.partition for letter in letters}):
            here = [letter for letter in letters if letter.place.partition == partition]
            wanted = {letter.id for letter in here}
            at = TopicPartition(DEADLETTERS.name, partition)
            found |= await _search(consumer, at, wanted, min(letter.at for letter in here) - SKEW)
            if missing := wanted - found.keys():
                found |= await _search(consumer, at, missing, None)
    return found


async def _search(
    consumer: AIOKafkaConsumer, at: TopicPartition, wanted: set[str], since: datetime | None
) -> dict[str, DeadLetter]:
    """Read a partition, from a moment on or all of it, until all that is wanted is found."""
    consumer.assign([at])
    end = (await consumer.end_offsets([at]))[at]
    consumer.seek(at, await _begin(consumer, at, since))
    found: dict[str, DeadLetter] = {}
    while len(found) < len(wanted) and await consumer.position(at) < end:
        for record in await some(consumer, at):
            letter = _read(record.value)
            if letter is not None and letter.id in wanted:
                found[letter.id] = letter
    return found


async def _begin(consumer: AIOKafkaConsumer, at: TopicPartition, since: datetime | None) -> int:
    if since is not None:
        known = (await consumer.offsets_for_times({at: int(since.timestamp() * 1000)}))[at]
        if known is not None:
            return int(known.offset)
    return int((await consumer.beginning_offsets([at]))[at])


def _read(raw: bytes | None) -> DeadLetter | None:
    try:
        return decode(DeadLetter, raw)
    except Undecodable:
        return None
