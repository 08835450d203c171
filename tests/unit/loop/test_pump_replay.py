"""A pump that takes over from a dead worker: it asks nothing before it knows what that one may have asked."""

import asyncio
from collections.abc import Iterator

from streams.domain.audit import AuditEntry
from streams.domain.event import Event
from streams.domain.identity import ConnectionName
from streams.domain.replay import Source
from streams.domain.scope import Scope
from streams.loop.burial import Burials
from streams.loop.contract import Stage
from streams.loop.limits import Limits, Surroundings
from streams.loop.pump import Pump
from streams.loop.rewind import NO_REWIND, Rewind
from streams.loop.takeover import Takeover
from streams.ports import State
from streams.topics import LEDGER
from tests.builders.pump_scene import Scene, say
from tests.builders.traffic import an_event, noted


class Asks:
    """Notes what it is asked."""

    def __init__(self, _table: State) -> None:
        self.asked: list[str] = []

    async def ask(self, event: Event) -> None:
        self.asked.append(event.id)

    def __call__(self, event: Event, _answer: None) -> Iterator[AuditEntry]:
        yield noted(event)


def taking_over(until: int, *, deliveries: int = 4000, rewind: Rewind = NO_REWIND) -> tuple[Scene, Asks]:
    step = Asks({})
    scene = Scene(lambda _table: step, limits=Limits(linger=0.001, deliveries=deliveries))
    stage = Stage(scene.stage.step, scene.stage.reads, lambda _table: step, (LEDGER,))
    around = Surroundings(scene.sink, scene.killed.append, scene.limits)
    scene.pump = Pump(stage, [scene.journal], Burials(), around, Takeover(until=lambda: until, rewind=rewind))
    return scene, step


async def read(scene: Scene, count: int, first: int = 0) -> None:
    scene.send(*map(an_event, range(first, first + count)))
    await scene.reader.feed(scene.pump)
    for _ in range(100):
        await asyncio.sleep(0)


async def test_nothing_is_asked_before_all_is_read_that_was_there() -> None:
    scene, step = taking_over(until=10)
    scene.pump.start()

    await read(scene, 9)

    assert step.asked == []
    assert scene.pump.held == 9
    scene.pump.stop()


async def test_then_all_is_asked_in_order_and_acknowledged() -> None:
    scene, step = taking_over(until=10)
    scene.send(*map(an_event, range(12)))

    await scene.run()

    assert step.asked == [str(number) for number in range(12)]
    assert scene.committed == 12


async def test_a_full_pump_asks_although_more_was_there() -> None:
    scene, step = taking_over(until=1000, deliveries=5)
    scene.send(*map(an_event, range(20)))

    await scene.run()

    assert len(step.asked) == 20
    assert scene.committed == 20


async def test_a_drain_meanwhile_leaves_what_was_not_asked_to_the_next_one() -> None:
    scene, step = taking_over(until=10)
    scene.pump.start()
    await read(scene, 5)

    await scene.pump.drain(0.1)

    assert step.asked == []
    assert scene.pump.held == 0
    assert scene.committed == 0


def only(kept: str, passed: int) -> Rewind:
    """Return a replay of one object of the connection north, over the first `passed` offsets."""
    scope = Scope.of(ConnectionName("north"), kept, Source.EVENTS)
    return Rewind(scope, Source.EVENTS, passed, passed)


async def test_what_a_replay_passes_by_is_acknowledged_unasked_and_does_not_hold_up_the_rest() -> None:
    scene, step = taking_over(
        until=6, rewind=only("invoice:8", passed=6)
    )  # all of the scene's are of invoice 7
    scene.pump.start()

    await read(scene, 8)
    async with asyncio.timeout(5):
        while scene.committed < 8:  # noqa: ASYNC110 - a busy machine takes more than a moment
            await asyncio.sleep(0.01)

    assert step.asked == ["6", "7"]
    assert scene.committed == 8
    scene.pump.stop()


async def test_a_step_that_does_not_ask_passes_by_the_same() -> None:
    scene = Scene(say)
    takeover = Takeover(rewind=only("invoice:8", passed=6))
    around = Surroundings(scene.sink, scene.killed.append, scene.limits)
    scene.pump = Pump(scene.stage, [scene.journal], Burials(), around, takeover)
    scene.send(*map(an_event, range(8)))

    await scene.run()

    assert scene.said() == ["6", "7"]
    assert scene.committed == 8
