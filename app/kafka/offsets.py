"""Where the group stands, beside where the log begins and ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import stamina
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import CommitFailedError, KafkaError
from aiokafka.structs import OffsetAndMetadata

from app.kafka.failures import GroupAlive, OffsetOutOfRange
from app.kafka.inventory import administering
from app.kafka.log import reading


@dataclass(frozen=True, slots=True)
class Standing:
    """A group's committed offset in one partition, and the range in which it has meaning."""

    topic: str
    partition: int
    committed: int
    first: int
    end: int

    @property
    def in_range(self) -> bool:
        """Tell whether reading can go on from here without skipping or repeating silently."""
        return self.first <= self.committed <= self.end

    @property
    def clamped(self) -> int:
        """The nearest offset that has meaning."""
        return min(max(self.committed, self.first), self.end)

    @property
    def lag(self) -> int:
        """Messages between the group and the end."""
        return max(self.end - self.committed, 0)


async def standings(options: Mapping[str, Any], group: str, topics: Sequence[str]) -> list[Standing]:
    """Return where `group` stands in every partition of `topics` in which it ever committed."""
    async with administering(options) as admin:
        committed = await _committed(admin, group)
    at = {tp: kept.offset for tp, kept in committed.items() if tp.topic in topics and kept.offset >= 0}
    if not at:
        return []
    async with reading(options) as consumer:
        first = await consumer.beginning_offsets(list(at))
        end = await consumer.end_offsets(list(at))
    return [Standing(tp.topic, tp.partition, at[tp], first[tp], end[tp]) for tp in sorted(at)]


async def check_offsets(options: Mapping[str, Any], group: str, topics: Sequence[str]) -> None:
    """Refuse to start a group that stands outside the log.

    Faust would read on from somewhere, and never commit again: every restart would start over.

    Raises:
        OffsetOutOfRange: names each partition with its committed offset and the valid range.
    """
    wrong = [standing for standing in await standings(options, group, topics) if not standing.in_range]
    if wrong:
        raise OffsetOutOfRange("\n".join(_told(group, wrong)))


async def clamp_offsets(options: Mapping[str, Any], group: str, topics: Sequence[str]) -> list[Standing]:
    """Move a stopped group's out-of-range offsets to the nearest valid ones; return what was moved.

    Raises:
        GroupAlive: Kafka itself refuses while a member is left; nothing was moved.
    """
    wrong = [standing for standing in await standings(options, group, topics) if not standing.in_range]
    if wrong:
        await move_offsets(options, group, {TopicPartition(s.topic, s.partition): s.clamped for s in wrong})
    return wrong


async def move_offsets(options: Mapping[str, Any], group: str, goal: Mapping[TopicPartition, int]) -> None:
    """Let a stopped group stand at `goal`, in the partitions that it names.

    Raises:
        GroupAlive: Kafka itself refuses while a member is left; nothing was moved.
        KafkaAway: no broker answers.
    """
    async with reading({**options, "group_id": group}) as consumer:
        consumer.assign(list(goal))
        try:
            await consumer.commit(dict(goal))
        except CommitFailedError:
            raise GroupAlive(group) from None


def _told(group: str, wrong: Sequence[Standing]) -> Iterator[str]:
    for s in wrong:
        yield (
            f"group {group} stands at {s.committed} of {s.topic} partition {s.partition}, "
            f"but the log there holds {s.first} to {s.end}"
        )


@stamina.retry(
    on=lambda error: isinstance(error, KafkaError) and error.retriable, timeout=20.0, attempts=None
)
async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, OffsetAndMetadata]:
    """Ask the group's coordinator; a broker that just started has none for a moment."""
    return dict(await admin.list_consumer_group_offsets(group))
