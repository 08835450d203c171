"""Whether Kafka answers, felt also while no webhook comes that would tell."""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

PAUSE: Final = 1.0
PATIENCE: Final = 2.0
"""Seconds that an answer may take."""
MISSES: Final = 2
"""Answers missed in a row after which Kafka counts as away: one alone is an election, or a busy machine."""


class Asked(Protocol):
    """Something that Kafka must answer for, such as a view of a topic."""

    async def caught_up(self) -> None:
        """Return when Kafka has said how far its topic goes, and all of it is here."""
        ...


@dataclass(frozen=True, slots=True)
class Ends:
    """The brokers behind a consumer, asked how far its partitions go."""

    consumer: AIOKafkaConsumer

    async def caught_up(self) -> None:
        """Return when they have said so.

        Raises:
            TimeoutError: they did not.
        """
        try:
            await self.consumer.end_offsets(self.consumer.assignment())
        except KafkaError as silent:
            raise TimeoutError from silent


@dataclass(slots=True)
class Pulse:
    """Tells whether Kafka answers."""

    beats: bool = False
    _missed: int = 0

    async def feel(self, asked: Asked) -> NoReturn:
        """Ask again and again, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await asked.caught_up()
                self.beats, self._missed = True, 0
            except TimeoutError:
                self._missed += 1
                self.beats = self.beats and self._missed < MISSES
            await asyncio.sleep(PAUSE)
