"""A pump that reads once more what was handled: it passes by whatever is at rest, and nothing else."""

from collections.abc import Iterator

from streams.domain.audit import AuditEntry
from streams.domain.event import Event
from streams.domain.identity import ConnectionName
from streams.domain.replay import Source
from streams.domain.scope import Scope
from streams.loop.burial import Burials
from streams.loop.limits import Surroundings
from streams.loop.pump import Pump
from streams.loop.rewind import NO_REWIND, Rewind
from streams.loop.takeover import Takeover
from streams.ports import State
from tests.builders.pump_scene import HERE, Scene
from tests.builders.traffic import an_event, noted
from tests.fakes.broker import Reader

AWAKE = Rewind(Scope.of(ConnectionName("north"), "", Source.EVENTS), Source.EVENTS, 9, 9, "00692992c03f29c6")
"""A replay that forces."""


class Sleepy:
    """Whose clients are all at rest, but while they are looked at something may fail."""

    fails = False

    def __init__(self, _table: State, ahead: object) -> None:
        self.ahead = ahead

    def __call__(self, event: Event) -> Iterator[AuditEntry]:
        if event.id == "5":
            raise ValueError
        yield noted(event)

    def rests(self, _: bytes) -> bool:
        if self.fails:
            raise LookupError
        return True


class NextStep:
    """Stands for the pump of the next step."""

    step = object()
    caught_up = True


def a_scene() -> Scene:
    scene = Scene(lambda table: Sleepy(table, None))
    scene.make = Sleepy
    return begun(scene)


def begun(scene: Scene, rewind: Rewind = NO_REWIND, ahead: NextStep | None = None) -> Scene:
    """Let another worker take over."""
    begin = scene.broker.committed[HERE]
    takeover = Takeover(begin=begin, rewind=rewind, ahead=ahead or NextStep())
    stage = type(scene.stage)(scene.stage.step, scene.stage.reads, Sleepy, scene.stage.tables)
    around = Surroundings(scene.sink, scene.killed.append, scene.limits)
    scene.pump = Pump(stage, [scene.journal], Burials(), around, takeover)
    scene.reader = Reader(scene.broker, HERE)
    return scene


async def handled(count: int) -> Scene:
    """Return a scene that handled so many deliveries, gave the partition back, and was set back."""
    scene = a_scene()
    scene.send(*map(an_event, range(count)))
    scene.pump.start()
    await scene.reader.feed(scene.pump)
    await scene.pump.drain(1)
    scene.broker.committed[HERE] = 0
    return scene


async def test_what_was_handled_and_is_at_rest_is_acknowledged_without_a_word() -> None:
    scene = begun(await handled(4))
    scene.send(an_event(4))

    await scene.run()

    assert scene.said() == ["0", "1", "2", "3", "4"]
    assert scene.committed == 5


async def test_what_a_dead_worker_handled_is_handled_again() -> None:
    scene = a_scene()
    scene.send(*map(an_event, range(4)))
    await scene.run()
    scene.broker.committed[HERE] = 0

    await begun(scene).run()

    assert scene.said() == ["0", "1", "2", "3"] * 2


async def test_a_replay_that_forces_passes_by_nothing() -> None:
    scene = begun(await handled(4), AWAKE)

    await scene.run()

    assert len(scene.said()) == 8


async def test_nothing_is_passed_by_before_the_next_step_has_caught_up() -> None:
    busy = NextStep()
    busy.caught_up = False
    scene = begun(await handled(4), ahead=busy)

    await scene.run()

    assert len(scene.said()) == 8


async def test_a_look_that_fails_buries_nothing_and_passes_by_nothing() -> None:
    scene = begun(await handled(4))
    scene.pump.step.fails = True

    await scene.run()

    assert len(scene.said()) == 8
    assert scene.killed == []


async def test_a_client_of_whom_something_was_buried_is_handled_again() -> None:
    scene = begun(await handled(6))

    await scene.run()

    assert [cause for cause in scene.said() if cause != "5"] == ["0", "1", "2", "3", "4"] * 2


async def test_a_pump_has_caught_up_once_it_is_done_with_what_was_there() -> None:
    scene = a_scene()
    scene.send(*map(an_event, range(2)))
    ends = [0, 2, 9]
    around = Surroundings(scene.sink, scene.killed.append, scene.limits)
    scene.pump = Pump(scene.stage, [scene.journal], Burials(), around, Takeover(until=lambda: ends.pop(0)))

    seen = [scene.pump.caught_up, scene.pump.caught_up]
    await scene.run()

    assert seen == [False, False]
    assert scene.pump.caught_up
    assert ends == [9]
