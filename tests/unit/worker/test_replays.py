"""When a worker steps aside for a replay, and when it comes back."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.worker.replays import Replays
from streams.domain.replay import Replay, ReplayState
from streams.loop.rewind import NO_REWIND
from streams.topics import RECORDS
from tests.builders.replays import NOON, a_replay, a_stretch

SOON, LONG_AGO = NOON + timedelta(minutes=1), NOON - timedelta(minutes=1)
ASKED = ReplayState.ASKED


@dataclass
class View(dict[str, Replay]):
    """The topic of replays, in memory."""

    news: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, replay: Replay) -> None:
        self[replay.id] = replay
        self.news.set()

    async def changed(self) -> None:
        self.news.clear()
        await self.news.wait()

    async def until(self, holds: Callable[[Mapping[str, Replay]], bool]) -> None:
        while not holds(self):
            await self.changed()


def a_worker(*replays: Replay) -> tuple[Replays, View]:
    view: Any = View()
    for it in replays:
        view.put(it)
    return Replays(view, lambda: NOON), view


async def done(act: Any) -> bool:
    """Tell whether something returns by itself."""
    task = asyncio.ensure_future(act)
    for _ in range(5):
        await asyncio.sleep(0)
    if task.done():
        task.result()
        return True
    task.cancel()
    return False


async def test_a_worker_waits_while_it_is_asked_to_and_no_longer() -> None:
    worker, view = a_worker(a_replay(state=ASKED, until=SOON))
    waiting = asyncio.ensure_future(worker.cleared())
    await asyncio.sleep(0)

    assert not waiting.done()
    view.put(a_replay())
    assert await done(waiting)


async def test_one_who_asked_and_did_not_come_back_is_not_waited_for_for_ever() -> None:
    worker, _ = a_worker(a_replay(state=ASKED, until=LONG_AGO))

    assert await done(worker.cleared())
    assert not await done(worker.asked())
    assert worker.rewind((RECORDS.name, 0)) is not NO_REWIND


async def test_a_worker_at_work_steps_aside_when_it_is_asked() -> None:
    worker, view = a_worker(a_replay(state=ReplayState.PLANNED))
    await worker.cleared()

    assert not await done(worker.asked())
    view.put(a_replay(state=ASKED, until=SOON))
    assert await done(worker.asked())


async def test_a_worker_that_began_before_a_replay_ends_as_it_does_not_heed_it() -> None:
    worker, view = a_worker()
    await worker.cleared()

    view.put(a_replay())

    assert await done(worker.asked())


async def test_a_worker_heeds_the_replay_that_it_found_and_stays_when_that_is_done() -> None:
    worker, view = a_worker(a_replay())
    await worker.cleared()

    assert not await done(worker.asked())
    assert worker.rewind((RECORDS.name, 0)).passed == 8
    view.put(a_replay(state=ReplayState.DONE))
    assert not await done(worker.asked())
    assert worker.rewind((RECORDS.name, 0)) is NO_REWIND


async def test_a_resumed_replay_passes_by_more_so_it_is_another_one() -> None:
    worker, view = a_worker(a_replay())
    await worker.cleared()

    view.put(a_replay(a_stretch(4, 6, 30)))

    assert await done(worker.asked())
