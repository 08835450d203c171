"""The stretch of a partition that was handled: what it holds, and what it must never hold."""

from datetime import timedelta

import pytest

from streams.domain.place import Place
from streams.loop.contract import Delivery
from streams.loop.handled import Handled
from streams.loop.journal import Journal
from tests.fakes.broker import EPOCH

SECOND = timedelta(seconds=1)


def at(offset: int, key: bytes = b"acme:7") -> Delivery:
    place = Place(topic="freshforce.records", partition=0, offset=offset)
    return Delivery(place, key, b"{}", EPOCH + offset * SECOND)


class Partition:
    """A partition that workers read one after the other, and the table in which they keep how far."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}

    def read(self, begin: int, end: int) -> Handled:
        """Handle deliveries until all of them is durable, and write that down."""
        handled = self.taken_over(begin)
        for offset in range(begin, end):
            handled.holds(at(offset))
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


def test_there_is_never_a_gap_in_it(partition: Partition) -> None:
    partition.read(5, 8)
    partition.read(0, 4)
    partition.read(20, 24)

    assert partition.held == [5, 6, 7]


def test_what_a_replay_passed_by_was_handled_by_nobody_who_knew_of_all_this(partition: Partition) -> None:
    handled = partition.taken_over()
    for offset in range(6):
        handled.passed_by(at(offset)) if offset == 3 else handled.holds(at(offset))
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

    younger = Delivery(at(2).place, b"acme:7", b"{}", EPOCH + 60 * SECOND)

    assert not partition.taken_over().holds(younger)


def test_it_is_written_down_now_and_then_and_only_when_it_is_news(partition: Partition) -> None:
    handled = partition.taken_over()

    assert [handled.reached(offset) for offset in (1, 2, 3)] == [False, False, True]
    assert handled.write()
    assert not handled.write()
    assert not handled.reached(4)
