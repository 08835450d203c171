"""The last payment's day, though payments come late and go away again."""

from random import Random

from streams.ledger.days import enter, strike
from streams.ledger.head import Head
from streams.ledger.shelf import Shelf

DAYS = ["2024-02-29", "2024-12-31", "2025-01-01", "2026-11-02"]


def test_the_last_day_is_the_last_of_those_that_still_count() -> None:
    random, shelf, head = Random(7), Shelf({}, b"k", b""), Head()
    counted: list[str] = []

    for _ in range(500):
        if counted and random.random() < 0.5:
            day = counted.pop(random.randrange(len(counted)))
            strike(shelf, head, day)
        else:
            day = random.choice(DAYS)
            counted.append(day)
            enter(shelf, head, day)
        assert head.last_payment == max(counted, default="")
        assert sum(head.years.values()) == len(counted)
