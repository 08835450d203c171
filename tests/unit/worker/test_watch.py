"""The watch ends a process in which something has stopped moving, and leaves a sound one alone."""

import asyncio

import pytest

from app.worker.watch import Standstill, Watch

SPOT = ("freshforce.events", 0)


class Killed:
    """Says why the process would have ended."""

    def __init__(self) -> None:
        self.why: list[BaseException] = []

    def __call__(self, why: BaseException) -> None:
        self.why.append(why)


async def looked(watch: Watch, seconds: float) -> None:
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(seconds)
    task.cancel()


def a_watch(killed: Killed, *, settled: bool = True, session: float = 10.0) -> Watch:
    return Watch(killed, lambda: settled, lambda: 0, session, patience=0.05, every=0.01)


async def test_commits_that_stand_still_while_work_is_done_end_the_process() -> None:
    killed = Killed()
    watch = a_watch(killed)

    watch.committed({SPOT: 5})
    watch.done(SPOT, 7)
    await looked(watch, 0.2)

    assert "committed no further than 5" in str(killed.why[0])


async def test_a_first_commit_that_never_comes_ends_the_process() -> None:
    killed = Killed()
    watch = a_watch(killed)

    await looked(watch, 0.02)
    watch.done(SPOT, 0)
    await looked(watch, 0.2)

    assert isinstance(killed.why[0], Standstill)


async def test_commits_that_keep_up_and_long_idleness_are_no_standstill() -> None:
    killed = Killed()
    watch = a_watch(killed)
    task = asyncio.create_task(watch.run())

    for offset in range(10):
        watch.done(SPOT, offset)
        await asyncio.sleep(0.02)
        watch.committed({SPOT: offset + 1})
    await asyncio.sleep(0.2)
    watch.done(SPOT, 10)
    await asyncio.sleep(0.02)
    task.cancel()

    assert not killed.why
    assert watch.position(SPOT) == 11


async def test_offsets_of_an_old_assignment_are_forgotten() -> None:
    killed = Killed()
    watch = a_watch(killed)

    watch.done(SPOT, 7)
    watch.forget()
    await looked(watch, 0.2)

    assert not killed.why


async def test_a_rebalance_without_end_ends_the_process() -> None:
    killed = Killed()

    await looked(a_watch(killed, settled=False), 0.2)

    assert "not settled within" in str(killed.why[0])


class Rebalancing:
    """A worker in rebalances that follow each other, of 20 s each, on a clock of its own."""

    def __init__(self, killed: Killed) -> None:
        self.now, self.settled = 100.0, False
        self.watch = Watch(
            killed, lambda: self.settled, lambda: 0, 1e6, patience=30.0, every=0.0, clock=lambda: self.now
        )

    async def goes_through(self, rebalances: int) -> None:
        task = asyncio.create_task(self.watch.run())
        for _ in range(rebalances):
            self.watch.forget()
            self.now += 20
            await asyncio.sleep(0.001)
        task.cancel()


async def test_rebalances_that_follow_each_other_have_the_time_of_one_each() -> None:
    """A rolling restart: nothing is settled in between, and each may wait for a dead member."""
    killed = Killed()

    await Rebalancing(killed).goes_through(5)

    assert not killed.why


async def test_rebalances_that_never_end_end_the_process() -> None:
    killed = Killed()

    await Rebalancing(killed).goes_through(8)

    assert "not settled within 30 s" in str(killed.why[0])


async def test_a_worker_that_was_settled_has_time_for_later_rebalances_again() -> None:
    killed = Killed()
    worker = Rebalancing(killed)

    for _ in range(4):
        worker.settled = False
        await worker.goes_through(4)
        worker.settled = True
        await looked(worker.watch, 0.001)

    assert not killed.why


async def test_a_table_that_is_still_loading_is_no_standstill() -> None:
    killed, loaded = Killed(), iter(range(10**6))
    watch = Watch(killed, lambda: False, lambda: next(loaded), 10.0, patience=0.05, every=0.01)

    await looked(watch, 0.2)

    assert not killed.why


@pytest.mark.parametrize(("session", "ends"), [(0.05, True), (10.0, False)])
async def test_a_process_that_was_frozen_beyond_the_session_may_not_write(session: float, ends: bool) -> None:  # noqa: FBT001
    killed = Killed()
    watch = a_watch(killed, session=session)
    await looked(watch, 0.02)

    await asyncio.sleep(0.1)
    watch.in_time()

    assert bool(killed.why) is ends


async def test_a_freeze_is_seen_at_once_although_the_event_loop_has_not_turned_since() -> None:
    """uvloop's own clock stands still until the loop turns: a record would leave in between."""
    killed, now = Killed(), [100.0]
    watch = Watch(killed, lambda: True, lambda: 0, 10.0, clock=lambda: now[0])
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0)

    now[0] += 7
    watch.in_time()
    before = [*killed.why]
    now[0] += 2
    watch.in_time()
    task.cancel()

    assert before == []
    assert "frozen for 9 s" in str(killed.why[0])
