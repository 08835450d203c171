"""The stretches of a partition that were handled: what they hold, and what they must never hold."""

from datetime import timedelta

import pytest

from streams.domain.place import Place
from streams.loop.contract import Delivery
from streams.loop.handled import MOST, Handled
from streams.loop.journal import Journal
from tests.fakes.broker import EPOCH

SECOND = timedelta(seconds=1)


def at(offset: int, key: bytes = b"acme:7", later: timedelta = timedelta()) -> Delivery:
    place = Place(topic="freshforce.records", partition=0, offset=offset)
    return Delivery(place, key, b"{}", EPOCH + offset * SECOND + later)


class Partition:
    """A partition that workers read one after the other, and the table in which they keep how far."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}

    def read(
        self, begin: int, end: int, under_way: int = 0, later: timedelta = timedelta(), claimed: int = -1
    ) -> Handled:
        """Handle deliveries until all of them is durable, and write that down; some more are only read."""
        handled = self.taken_over(begin if claimed < 0 else claimed)
        for offset in range(begin, end + under_way):
            handled.read(at(offset, later=later))
        handled.reached(end)
        handled.write()
        return handled

    def taken_over(self, begin: int = 0) -> Handled:
        return Handled(Journal(self.table, ("ledger", 0)), begin, every=3)

    @property
    def held(self) -> list[int]:
        handled = self.taken_over()
        return [offset for offset in range(100) if handled.holds(at(offset))]


@pytest.fixture
def partition() -> Partition:
    return Partition()


def test_at_first_nothing_is_handled(partition: Partition) -> None:
    assert partition.held == []


def test_what_was_handled_is_known_to_the_next_worker(partition: Partition) -> None:
    partition.read(0, 5)

    assert partition.held == [0, 1, 2, 3, 4]


def test_a_rewind_takes_nothing_away(partition: Partition) -> None:
    partition.read(0, 9)
    partition.read(0, 4)

    assert partition.held == [*range(9)]


def test_a_stretch_grows_in_both_ways_where_another_one_meets_it(partition: Partition) -> None:
    partition.read(5, 8)
    partition.read(0, 6)
    partition.read(8, 10)

    assert partition.held == [*range(10)]


def test_what_lies_between_two_stretches_was_handled_by_nobody(partition: Partition) -> None:
    partition.read(5, 8)
    partition.read(0, 4)
    partition.read(20, 24)

    assert partition.held == [*range(4), 5, 6, 7, *range(20, 24)]


def test_a_rewind_over_the_gap_of_a_crash_leaves_one_stretch(partition: Partition) -> None:
    partition.read(0, 2)
    partition.read(4, 9)
    handled = partition.read(0, 9)

    assert partition.held == [*range(9)]
    assert not handled.write()


def test_of_many_stretches_the_shortest_is_forgotten_but_never_the_one_that_grows(
    partition: Partition,
) -> None:
    partition.read(0, 2)
    for nth in range(1, MOST):
        partition.read(10 * nth, 10 * nth + 3)
    partition.read(95, 96)

    assert 0 not in partition.held
    assert {10, 70, 95} <= {*partition.held}


def test_a_log_that_begins_later_than_was_said_is_handled_from_there(partition: Partition) -> None:
    partition.read(4, 8, claimed=0)

    assert partition.held == [4, 5, 6, 7]


def test_what_a_replay_passed_by_was_handled_by_nobody_who_knew_of_all_this(partition: Partition) -> None:
    handled = partition.taken_over()
    for offset in range(6):
        handled.read(at(offset))
        if offset == 3:
            handled.passed_by(at(offset))
    handled.reached(6)
    handled.write()

    assert partition.held == [4, 5]


def test_a_client_of_whom_anything_was_buried_is_told_from_the_rest(partition: Partition) -> None:
    handled = partition.read(0, 5)
    handled.buried(at(3, b"acme:8"))

    again = partition.taken_over()

    assert again.holds(at(2))
    assert not again.holds(at(2, b"acme:8"))


def test_a_topic_that_was_made_anew_has_nothing_of_the_old_one(partition: Partition) -> None:
    partition.read(0, 5)

    assert not partition.taken_over().holds(at(2, later=60 * SECOND))


@pytest.mark.parametrize("durable", [8, 10, 12])
def test_what_a_new_topic_had_under_way_is_not_held_by_the_stretch_of_the_old_one(
    partition: Partition, durable: int
) -> None:
    partition.read(10, 50)

    partition.read(0, durable, under_way=5, later=1000 * SECOND)

    after = partition.taken_over(durable)
    assert not any(after.holds(at(offset, later=1000 * SECOND)) for offset in range(durable, 50))


def test_what_a_new_topic_still_has_to_say_is_never_taken_for_the_end_of_the_old_one(
    partition: Partition,
) -> None:
    partition.read(10, 50)
    partition.read(0, 10, later=1000 * SECOND)

    after = partition.taken_over(10)

    assert after.read(at(10, later=1000 * SECOND))
    assert partition.table == {}


def test_what_was_only_read_makes_no_stretch_younger(partition: Partition) -> None:
    partition.read(0, 5, under_way=40)

    assert not partition.taken_over().holds(at(2, later=10 * SECOND))


def test_a_topic_made_anew_under_a_worker_is_handled_from_where_that_stood(partition: Partition) -> None:
    handled = partition.read(0, 5)
    for offset in range(8):
        handled.read(at(offset, later=60 * SECOND))
    handled.reached(3)
    handled.write()

    assert partition.table == {}


def test_it_is_written_down_now_and_then_and_only_when_it_is_news(partition: Partition) -> None:
    handled = partition.taken_over()

    assert [handled.reached(offset) for offset in (1, 2, 3)] == [False, False, True]
    assert handled.write()
    assert not handled.write()
    assert not handled.reached(4)
