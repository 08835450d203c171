"""Two people act on one replay at once: whoever asked last has his way; the group is not left rewound."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from app.replay.conduct import Conductor
from app.replay.failures import NotNow, Overtaken
from streams.domain.connection import Connection
from streams.domain.replay import ReplayState
from tests.builders.replays import NOON, a_replay, a_stretch
from tests.builders.vault import ACME
from tests.fakes.replay_group import FakeGroup, kept

PLAN = a_replay().id
JOINED = Connection(name=ACME)


class Scene:
    """A plan that was never begun, and the group at the end of the log."""

    def __init__(self, state: ReplayState = ReplayState.PLANNED) -> None:
        ticks = count()
        self.plans, self.group = kept(a_replay(a_stretch(2, 6), state=state)), FakeGroup()
        self.conductor = Conductor(self.plans, self.group, self._as_seen, lambda: self._tick(next(ticks)))

    def begin(self) -> "asyncio.Task[Any]":
        return asyncio.create_task(self.conductor.begin(self.plans[PLAN], JOINED, "ann"))

    def halt(self, goal: ReplayState) -> "asyncio.Task[Any]":
        return asyncio.create_task(self.conductor.halt(PLAN, goal, "bob"))

    @property
    def state(self) -> ReplayState:
        return self.plans[PLAN].state

    async def _as_seen(self, *_: object) -> None:
        """Nothing moved."""

    @staticmethod
    def _tick(nth: int) -> datetime:
        return NOON + timedelta(seconds=nth)


async def ended(*tasks: "asyncio.Task[Any]") -> list[type]:
    return [type(each) for each in await asyncio.gather(*tasks, return_exceptions=True)]


async def test_a_plan_that_is_stopped_while_the_workers_step_aside_for_it_never_runs() -> None:
    scene = Scene()
    applying = scene.begin()
    await asyncio.sleep(0)
    stopping = scene.halt(ReplayState.STOPPED)
    await asyncio.sleep(0)

    scene.group.gone.set()

    assert (await ended(applying))[0] is Overtaken
    assert (await stopping).state is ReplayState.STOPPED
    assert (scene.state, scene.group.at) == (ReplayState.STOPPED, 8)
    assert (scene.plans[PLAN].applied_by, scene.plans[PLAN].halted_by) == ("", "bob")


async def test_workers_are_said_to_be_asked_only_once_they_are() -> None:
    asked: list[str] = []
    over, scene = Scene(ReplayState.DONE), Scene()
    for each in (over, scene):
        each.conductor = replace(each.conductor, asking=lambda: asked.append("asked"))
    scene.group.gone.set()

    assert await ended(over.begin()) == [NotNow]
    assert asked == []
    assert (await scene.begin()).state is ReplayState.RUNNING
    assert asked == ["asked"]


async def test_one_that_is_stopped_while_its_offsets_are_set_back_is_set_forward_again() -> None:
    scene = Scene()
    scene.group.gone.set()
    scene.group.before_move = lambda: scene.conductor.halt(PLAN, ReplayState.STOPPED, "bob")

    assert (await ended(scene.begin()))[0] is Overtaken

    assert (scene.state, scene.group.at) == (ReplayState.STOPPED, 8)


async def test_of_a_pause_and_a_stop_at_once_the_later_one_holds() -> None:
    scene = Scene(ReplayState.RUNNING)
    pausing = scene.halt(ReplayState.PAUSED)
    await asyncio.sleep(0)
    stopping = scene.halt(ReplayState.STOPPED)
    await asyncio.sleep(0)

    scene.group.gone.set()

    assert await ended(pausing) == [Overtaken]
    assert (await stopping).state is scene.state is ReplayState.STOPPED


async def test_whoever_gives_up_waiting_takes_back_nothing_that_somebody_else_asked() -> None:
    scene = Scene()
    applying = scene.begin()
    await asyncio.sleep(0)
    stopping = scene.halt(ReplayState.STOPPED)
    await asyncio.sleep(0)

    applying.cancel()
    await ended(applying)

    assert scene.state is ReplayState.ASKED
    scene.group.gone.set()
    assert (await stopping).state is ReplayState.STOPPED


async def test_one_that_was_stopped_for_good_is_not_paused() -> None:
    scene = Scene(ReplayState.STOPPED)

    with pytest.raises(NotNow):
        await scene.conductor.halt(PLAN, ReplayState.PAUSED, "bob")

    assert (await scene.conductor.halt(PLAN, ReplayState.STOPPED, "bob")).state is ReplayState.STOPPED
