"""How far a replay has come: the messages that are to be read again, and how many of them are left."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition

from app.kafka.offsets import Standing, standings
from streams.domain.replay import Replay, ReplayState
from streams.loop.rewind import TOPICS
from streams.topics import APP


class Reach(NamedTuple):
    """Messages of the topic that is read again, those included that are passed by."""

    left: int
    of: int
    """Of a replay that was paused: what was left when it was taken up last."""


NOWHERE: Final[Mapping[int, Standing]] = {}


def reach(replay: Replay, stands: Mapping[int, Standing] = NOWHERE) -> Reach:
    """Return how far a replay is; of one that runs, `stands` says where the group is by now.

    Of any other, what it left when it was halted stands in its own stretches.
    """
    of = _span(replay)
    if replay.state is ReplayState.RUNNING:
        return Reach(left_of(replay, stands), of)
    return Reach(0 if replay.state is ReplayState.DONE else of, of)


def left_of(replay: Replay, stands: Mapping[int, Standing]) -> int:
    """Return how many messages a replay that runs has to read yet."""
    return sum(
        max(min(it.end, it.passed) - stands[it.partition].committed, 0)
        for it in replay.stretches
        if it.partition in stands and it.begin < min(it.end, it.passed)
    )


async def standing(options: Mapping[str, Any], replay: Replay) -> Mapping[int, Standing]:
    """Return where the group stands in the topic that a replay reads, by partition."""
    found = await standings(options, APP, [TOPICS[replay.source].name])
    return {it.partition: it for it in found}


async def reaches(options: Mapping[str, Any], replays: Sequence[Replay]) -> list[Reach]:
    """Return how far each is; Kafka is asked for the one that runs alone."""
    return [
        reach(each, await standing(options, each) if each.state is ReplayState.RUNNING else NOWHERE)
        for each in replays
    ]


async def left_in(
    options: Mapping[str, Any], topic: str, log: Mapping[TopicPartition, tuple[int, int]]
) -> int:
    """Return how many messages of `log` the group has yet to do.

    Where it never committed that is all of them: there it begins with the first.
    """
    stands = {it.partition: it.committed for it in await standings(options, APP, [topic])}
    return undone(log, stands)


def undone(log: Mapping[TopicPartition, tuple[int, int]], stands: Mapping[int, int]) -> int:
    """Return how many messages of `log` lie before whoever stands there; what Kafka let go of is none."""
    return sum(max(end - max(stands.get(at.partition, 0), begin), 0) for at, (begin, end) in log.items())


def _span(replay: Replay) -> int:
    """Return how many messages it reads again: what nobody had read yet is read anyway, and not counted."""
    sure = replay.begun or replay.in_force
    ends = ((it, min(it.end, it.passed) if sure else it.end) for it in replay.stretches)
    return sum(max(end - it.begin, 0) for it, end in ends)
