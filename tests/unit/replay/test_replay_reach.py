"""How far a replay has come, from its plan and from where the workers' group stands."""

import pytest

from app.kafka.offsets import Standing
from app.replay.reach import Reach, reach
from app.replay.told import how_far
from streams.domain.replay import ReplayState
from streams.topics import RECORDS
from tests.builders.replays import a_replay, a_stretch


def at(**committed: int) -> dict[int, Standing]:
    """Where the group stands, by partition."""
    return {
        int(number[1:]): Standing(RECORDS.name, int(number[1:]), offset, 0, 100)
        for number, offset in committed.items()
    }


def test_a_plan_tells_how_much_it_reads() -> None:
    plan = a_replay(a_stretch(2, 6), a_stretch(0, 1_000, partition=1), state=ReplayState.PLANNED)

    assert reach(plan) == Reach(1_004, 1_004)
    assert how_far(plan, reach(plan)) == "1,004 messages"


def test_one_that_runs_is_as_far_as_the_group_in_its_stretches() -> None:
    running = a_replay(a_stretch(2, 6, 8), a_stretch(0, 10, 10, partition=1))

    assert reach(running, at(p0=4, p1=10)) == Reach(2, 14)
    assert how_far(running, reach(running, at(p0=4, p1=10))) == "12 of 14 messages"


def test_where_the_group_had_not_been_nothing_is_read_again() -> None:
    running = a_replay(a_stretch(2, 6, 8), a_stretch(0, 10, partition=1))

    assert reach(running, at(p0=2)) == Reach(4, 4)


@pytest.mark.parametrize("state", [ReplayState.ASKED, ReplayState.PAUSED, ReplayState.STOPPED])
def test_one_that_was_halted_tells_what_it_left(state: ReplayState) -> None:
    halted = a_replay(a_stretch(5, 6, 8), state=state)

    assert reach(halted) == Reach(1, 1)
    assert how_far(halted, reach(halted)) == "1 message left"


def test_one_that_is_done_left_nothing() -> None:
    done = a_replay(state=ReplayState.DONE)

    assert reach(done) == Reach(0, 4)
    assert how_far(done, reach(done)) == ""
