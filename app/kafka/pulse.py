"""Whether Kafka answers, felt also while no webhook comes that would tell."""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

PAUSE: Final = 1.0
PATIENCE: Final = 2.0
"""Seconds without an answer after which Kafka counts as away."""


class Asked(Protocol):
    """Something that Kafka must answer for, such as a view of a topic."""

    async def caught_up(self) -> None:
        """Return when Kafka has said how far its topic goes, and all of it is here."""
        ...


@dataclass(slots=True)
class Pulse:
    """Tells whether Kafka answered when it was last asked."""

    beats: bool = False

    async def feel(self, asked: Asked) -> NoReturn:
        """Ask again and again, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await asked.caught_up()
                self.beats = True
            except TimeoutError:
                self.beats = False
            await asyncio.sleep(PAUSE)
