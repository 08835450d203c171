"""The loop on a broker in memory: what is acknowledged, in which order, and what stops it."""

import random

import pytest

from streams.loop.contract import Spot
from streams.loop.limits import Limits
from streams.topics import DEADLETTERS, LEDGER
from tests.builders.pump_scene import SAID, Scene, say, says_but
from tests.builders.traffic import Count, an_event


async def test_an_event_is_acknowledged_when_all_it_caused_is_in_kafka() -> None:
    scene = Scene(say)
    scene.send(*map(an_event, range(1000)))

    await scene.run()

    assert scene.committed == 1000
    assert scene.said() == [str(number) for number in range(1000)]
    assert not scene.killed


async def test_nothing_is_acknowledged_while_kafka_does_not_answer() -> None:
    scene = Scene(say, delay=lambda _: 3600.0)
    scene.send(*map(an_event, range(10)))

    with pytest.raises(TimeoutError):
        await scene.run(0.1)

    assert scene.committed == 0


async def test_a_refused_output_ends_the_process_and_nothing_of_its_window_is_acknowledged() -> None:
    def refuse(spot: Spot) -> float:
        if spot == SAID and scene.broker.logs[SAID]:
            message = "the broker refused it"
            raise ConnectionError(message)
        return 0.0

    scene = Scene(say, delay=refuse, limits=Limits(window=10, linger=0.001))
    scene.send(*map(an_event, range(50)))

    await scene.run()

    assert scene.committed == 10
    assert isinstance(scene.killed[0], ConnectionError)


async def test_a_refused_changelog_record_ends_the_process_although_the_output_is_there() -> None:
    def refuse(spot: Spot) -> float:
        if spot[0] == LEDGER.changelog:
            message = "the broker refused it"
            raise ConnectionError(message)
        return 0.0

    scene = Scene(lambda table: Count(table, 1), delay=refuse)
    scene.send(*map(an_event, range(5)))

    await scene.run()

    assert scene.committed == 0
    assert len(scene.said()) == 5
    assert scene.killed


async def test_windows_stand_in_kafka_in_the_order_of_reading_whatever_the_delays() -> None:
    dice = random.Random(5)
    scene = Scene(say, delay=lambda _: dice.random() / 500, limits=Limits(window=1, linger=0.0))
    scene.send(*map(an_event, range(1000)))

    await scene.run(20)

    assert scene.said() == [str(number) for number in range(1000)]


async def test_a_failure_of_the_world_ends_the_process_and_the_message_stays() -> None:
    scene = Scene(says_but({"3": ConnectionResetError()}))
    scene.send(*map(an_event, range(5)))

    await scene.run()

    assert isinstance(scene.killed[0], ConnectionResetError)
    assert scene.committed <= 3
    assert not scene.broker.topic(DEADLETTERS.name)


@pytest.mark.parametrize("limits", [Limits(deliveries=10), Limits(weight=1500)])
async def test_reading_waits_while_too_much_is_under_way(limits: Limits) -> None:
    scene = Scene(say, delay=lambda _: 3600.0, limits=limits)
    scene.send(*map(an_event, range(100)))

    with pytest.raises(TimeoutError):
        await scene.run(0.1)

    assert 0 < scene.pump.held <= 10


async def test_the_journal_knows_how_far_its_changelog_is_durable() -> None:
    scene = Scene(lambda table: Count(table, 1))
    scene.send(*map(an_event, range(7)))

    await scene.run()

    assert scene.journal.end == 6
    assert scene.broker.table((LEDGER.changelog, 0)) == scene.store
