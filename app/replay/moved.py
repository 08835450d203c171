"""Whether a plan still says what would happen: no new message of its own, and the same mapping."""

from collections.abc import AsyncIterator, Mapping
from itertools import islice
from typing import Any, Final

from aiokafka import TopicPartition

from app.kafka.log import bounds, stretch
from app.replay.failures import Moved
from streams.codec import readable
from streams.domain.connection import Connection
from streams.domain.replay import Replay
from streams.domain.scope import Scope
from streams.loop.rewind import TOPICS
from streams.mapping.rules import Rules

NAMED: Final = 5
"""New messages that are named one by one."""


async def refuse_moved(options: Mapping[str, Any], replay: Replay, connection: Connection) -> None:
    """Raise when a replay would not do any more what its preview said.

    The log moves on while a replay runs or rests; so only one that has not begun is held against it.

    Raises:
        Moved: says what is new.
        KafkaAway: no broker answers.
    """
    what = []
    if (version := Rules.of(connection).version) != replay.mapping:
        what.append(f"the mapping changed from {replay.mapping} to {version}")
    if not replay.begun:
        new = [each async for each in _new(options, replay)]
        what += islice(new, NAMED)
        if len(new) > NAMED:
            what.append(f"and {len(new) - NAMED:,} more")
    if what:
        raise Moved(replay, what)


async def _new(options: Mapping[str, Any], replay: Replay) -> AsyncIterator[str]:
    """Yield each message of the replay's own that stands behind its end, by its name and place."""
    topic, scope = TOPICS[replay.source], Scope.of(replay.connection, replay.only)
    places = [TopicPartition(topic.name, it.partition) for it in replay.stretches]
    ranges = await bounds(options, places)
    for place, planned in zip(places, replay.stretches, strict=True):
        async for message in stretch(options, place, planned.end, ranges[place][1]):
            if not scope.may_want(message.key, replay.source):
                continue
            value = readable(topic.values[0], message.value)
            if value is not None and scope.wants(value):
                name = (message.key or b"").decode(errors="replace")
                yield f"{name} is new at {place.topic}/{place.partition}/{message.offset}"
