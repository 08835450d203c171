"""The workers' consumer group, whose offsets are moved while nobody is in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from app.kafka.failures import GroupAlive
from app.kafka.group import StillThere, emptied
from app.kafka.offsets import Standing, move_offsets, standings
from app.replay.failures import WorkersStay
from streams.domain.replay import Source
from streams.loop.rewind import TOPICS
from streams.topics import APP


@dataclass(frozen=True, slots=True)
class WorkersGroup:
    """The group as Kafka has it."""

    options: Mapping[str, Any]
    patience: float
    """Seconds that the workers get to step aside."""

    async def emptied(self) -> None:
        """Return when nobody is in it.

        Raises:
            WorkersStay: somebody still is.
        """
        try:
            await emptied(self.options, APP, self.patience)
        except StillThere as still:
            raise WorkersStay(still) from None

    async def stands(self, source: Source) -> Mapping[int, Standing]:
        """Return where it stands, by partition."""
        found = await standings(self.options, APP, [TOPICS[source].name])
        return {standing.partition: standing for standing in found}

    async def move(self, source: Source, goal: Mapping[int, int]) -> None:
        """Move the offsets; a worker that had not heard of it yet may have come in between.

        Raises:
            WorkersStay: one came, and stays.
        """
        topic = TOPICS[source].name
        places = {TopicPartition(topic, partition): offset for partition, offset in goal.items()}
        while places:
            try:
                await move_offsets(self.options, APP, places)
            except GroupAlive:
                await self.emptied()
            else:
                return
