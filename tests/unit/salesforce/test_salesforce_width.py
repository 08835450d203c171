"""How many lanes an org bears: more by one a round, fewer by half."""

import pytest

from app.salesforce.lanes.width import LONG, MOST, QUICK, Trip, Width


def trip(
    left: float, took: float = 1.0, *, full: bool = True, alone: bool = False, trouble: bool = False
) -> Trip:
    return Trip(left, left + took, took, full, alone, trouble)


def widened(rounds: int) -> tuple[Width, float]:
    """Let so many rounds of full batches, one in each lane, come back well."""
    width, now = Width(), 0.0
    for _ in range(rounds):
        for _ in range(width.lanes):
            width.learn(trip(now))
        now += 1.0
    return width, now


def test_an_org_begins_with_one_lane() -> None:
    assert Width().lanes == 1


@pytest.mark.parametrize(("rounds", "lanes"), [(1, 2), (2, 3), (3, 4), (9, MOST)])
def test_each_round_of_full_batches_opens_one_lane_up_to_the_bound(rounds: int, lanes: int) -> None:
    assert widened(rounds)[0].lanes == lanes


def test_locked_rows_close_half_of_the_lanes_once_a_round() -> None:
    width, now = widened(5)

    for _ in range(4):
        width.learn(trip(now, trouble=True))

    assert width.lanes == MOST // 2


def test_trouble_in_the_next_round_closes_half_again_but_never_the_last() -> None:
    width, now = widened(5)

    for later in range(6):
        width.learn(trip(now + 2 * later, trouble=True))

    assert width.lanes == 1


def test_an_answer_twice_as_slow_as_usual_closes_lanes() -> None:
    width, now = widened(5)

    width.learn(trip(now, took=2.5))

    assert width.lanes == MOST // 2


def test_an_org_that_is_always_slow_gets_its_lanes_all_the_same() -> None:
    width, now = Width(), 0.0
    for _ in range(12):
        width.learn(trip(now, took=5.0))
        now += 5.0

    assert width.lanes == MOST


def test_an_org_that_became_slower_for_good_gets_its_lanes_back() -> None:
    width, now = widened(5)
    for _ in range(60):
        width.learn(trip(now, took=3.0))
        now += 3.0

    assert width.lanes == MOST


def test_a_quick_answer_is_never_slow_however_quick_the_others_were() -> None:
    width = Width()
    for second in range(10):
        width.learn(trip(second, took=0.001))

    width.learn(trip(20, took=QUICK))

    assert width.lanes == MOST


def test_a_call_that_counts_as_long_closes_lanes_even_where_that_is_usual() -> None:
    width, now = Width(), 0.0
    for _ in range(12):
        width.learn(trip(now, took=LONG + 1))
        now += LONG + 1

    assert width.lanes == 1


def test_batches_that_leave_with_room_close_a_lane() -> None:
    width, now = widened(5)

    for _ in range(20):
        width.learn(trip(now, full=False))

    assert width.lanes == 1


def test_a_small_batch_that_leaves_alone_says_nothing_of_the_lanes() -> None:
    width, now = widened(5)

    width.learn(trip(now, full=False, alone=True))

    assert width.lanes == MOST
