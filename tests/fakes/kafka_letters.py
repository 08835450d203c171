"""A consumer of the dead letters' topic: what stands there, and a broker that falls silent."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import TopicPartition


class Kept(NamedTuple):
    """A record as far as it is looked at."""

    value: bytes | None


class KafkaLetters:
    """One partition; beyond `readable` it says that there is more and gives nothing."""

    def __init__(self, *values: bytes, readable: int | None = None) -> None:
        self._values = values
        self._readable = len(values) if readable is None else readable
        self._next = 0
        self.stopped = False

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect."""
        self.stopped = True

    def assign(self, spots: Sequence[TopicPartition]) -> None:
        """Take a partition."""
        assert len(spots) == 1

    def seek(self, at: TopicPartition, offset: int) -> None:
        """Go there."""
        assert at.topic == "freshforce.deadletters"
        self._next = offset

    async def position(self, _at: TopicPartition) -> int:
        """Say where it stands."""
        return self._next

    async def end_offsets(self, spots: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Say how much there is."""
        return dict.fromkeys(spots, len(self._values))

    async def beginning_offsets(self, spots: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Say what is the first."""
        return dict.fromkeys(spots, 0)

    async def offsets_for_times(self, times: dict[TopicPartition, int]) -> dict[TopicPartition, Any]:
        """Say that nothing is newer."""
        return dict.fromkeys(times)

    async def getmany(self, at: TopicPartition, *, timeout_ms: int) -> dict[TopicPartition, list[Kept]]:
        """Give the next record, nothing when it fell silent."""
        assert timeout_ms
        if self._next >= self._readable:
            return {}
        self._next += 1
        return {at: [Kept(self._values[self._next - 1])]}
