"""Kafka's pulse is felt whether or not a webhook comes."""

import asyncio
from dataclasses import dataclass

from app.kafka.pulse import MISSES, PATIENCE, PAUSE, Pulse
from tests.fakes.virtual_time import simulate


@dataclass
class FakeView:
    """Fakes the view of a topic whose Kafka may be away."""

    away: bool = False

    async def caught_up(self) -> None:
        await asyncio.sleep(1_000 if self.away else 0)


def felt(*silences: float) -> list[bool]:
    """Return what was felt at the end of each stretch of silence; a negative one is of answers."""
    view, pulse, found = FakeView(), Pulse(), []

    async def story() -> None:
        feeling = asyncio.create_task(pulse.feel(view))
        for seconds in silences:
            view.away = seconds > 0
            await asyncio.sleep(abs(seconds))
            found.append(pulse.beats)
        feeling.cancel()

    simulate(story())
    return found


LONG = (MISSES + 1) * (PATIENCE + PAUSE)


def test_a_kafka_that_falls_silent_is_noticed_and_so_is_its_return() -> None:
    assert felt(-LONG, LONG, -LONG) == [True, False, True]


def test_one_answer_that_is_missed_is_not_yet_a_kafka_that_is_away() -> None:
    assert felt(-LONG, PAUSE + PATIENCE, -LONG) == [True, True, True]


def test_a_kafka_that_never_answered_is_away_from_the_beginning() -> None:
    assert felt(PATIENCE) == [False]
