"""Kafka's pulse is felt whether or not a webhook comes."""

import asyncio
from dataclasses import dataclass

from app.kafka.pulse import PATIENCE, PAUSE, Pulse
from tests.fakes.virtual_time import simulate


@dataclass
class FakeView:
    """Fakes the view of a topic whose Kafka may be away."""

    away: bool = False

    async def caught_up(self) -> None:
        await asyncio.sleep(1_000 if self.away else 0)


def test_a_kafka_that_falls_silent_is_noticed_and_so_is_its_return() -> None:
    view, pulse, felt = FakeView(), Pulse(), []

    async def story() -> None:
        feeling = asyncio.create_task(pulse.feel(view))
        for view.away in (False, True, False):
            await asyncio.sleep(PAUSE + PATIENCE + PAUSE)
            felt.append(pulse.beats)
        feeling.cancel()

    simulate(story())

    assert felt == [True, False, True]
