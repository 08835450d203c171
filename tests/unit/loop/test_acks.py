"""Acknowledgements: in the order of reading, whatever is finished first."""

from hypothesis import given
from hypothesis import strategies as st

from streams.domain.place import Place
from streams.loop.acks import Acks
from streams.loop.contract import Delivery
from streams.loop.opened import Opened
from tests.fakes.broker import EPOCH


def expected(acks: Acks, done: list[int], count: int) -> list[Opened]:
    opened = []
    for offset in range(count):
        place = Place(topic="t", partition=0, offset=offset)
        each = Opened(
            Delivery(place, b"k", b"value", EPOCH),
            5,
            lambda offset=offset: done.append(offset),  # type: ignore[misc]
        )
        acks.expect(each)
        opened.append(each)
    return opened


@given(st.permutations(range(8)))
def test_whatever_is_finished_first_the_acknowledgements_are_a_prefix(order: list[int]) -> None:
    acks, done, finished = Acks(), list[int](), set[int]()
    opened = expected(acks, done, 8)

    for at in order:
        finished.add(at)
        opened[at].finished = True
        acks.settle()

        gap = next((each for each in range(8) if each not in finished), 8)
        assert done == [*range(gap)]
        assert (len(acks.waiting), acks.weight) == (8 - gap, 5 * (8 - gap))


def test_what_is_forgotten_is_never_acknowledged() -> None:
    acks, done = Acks(), list[int]()
    opened = expected(acks, done, 2)

    acks.forget()
    for each in opened:
        each.finished = True
    acks.settle()

    assert (done, acks.weight) == ([], 0)
