"""The plan of kills: the same seed kills alike, and the full run kills as much as was promised."""

import signal
from collections import Counter

import pytest

from app.bench.crash_plan import FULL, SMALL, WORKERS, Size, plan


def kills(size: Size, seed: int) -> Counter[str]:
    strikes = [strike for sequence in plan(seed, size).values() for strike in sequence]
    return Counter(strike.victim for strike in strikes if strike.how is signal.SIGKILL)


def test_the_same_seed_plans_the_same_strikes() -> None:
    assert plan(7, FULL) == plan(7, FULL)


def test_another_seed_plans_other_strikes() -> None:
    assert plan(7, FULL) != plan(8, FULL)


@pytest.mark.parametrize("seed", range(20))
def test_the_full_size_kills_two_hundred_and_workers_a_third_of_it(seed: int) -> None:
    counted = kills(FULL, seed)

    assert counted.total() == FULL.kills >= 200
    assert sum(counted[name] for name in WORKERS) * 3 >= counted.total()
    assert min(counted.values()) >= 10


@pytest.mark.parametrize("seed", range(20))
def test_the_full_size_is_planned_to_end_within_five_minutes_with_room_for_the_rest(seed: int) -> None:
    longest = max(sum(s.after + s.lasts for s in sequence) for sequence in plan(seed, FULL).values())

    assert longest < 240


def test_the_small_size_kills_everybody() -> None:
    assert {"ingress", "broker"} < set(kills(SMALL, 1))
