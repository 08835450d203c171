"""Whoever follows work that nobody does hears of it."""

import pytest

from app.cli.standstill import Standstill


class Following:
    """Somebody who follows, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now, self.lines, self.moves = 0.0, list[str](), list[tuple[int, int]]()
        self.heard = Standstill(lambda *at: self.moves.append(at), self.lines.append, lambda: self.now)

    def hear(self, done: int, *, at: float) -> None:
        self.now = at
        self.heard(done, 10)


@pytest.fixture
def following() -> Following:
    return Following()


def test_that_no_worker_moves_is_said_after_half_a_minute_and_every_ten(following: Following) -> None:
    for at in (0, 29, 30, 31, 629, 630):
        following.hear(4, at=at)

    assert [line.split(".")[0] for line in following.lines] == [
        "no worker moves: 6 messages are to be done yet"
    ] * 2
    assert following.moves == [(4, 10)] * 6


def test_while_something_moves_nothing_is_said(following: Following) -> None:
    for nth in range(10):
        following.hear(nth, at=29.0 * nth)

    assert following.lines == []


def test_what_is_all_read_is_not_said_to_stand_still(following: Following) -> None:
    following.hear(10, at=0)
    following.hear(10, at=100)

    assert following.lines == []
