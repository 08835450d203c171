"""The day of the last payment, though payments can go away again: a count per day, one page per year."""

import orjson

from streams.ledger.head import Head
from streams.ledger.shelf import Shelf

Day = str
"""An ISO date."""


def enter(shelf: Shelf, head: Head, day: Day) -> None:
    """Count a day on which an invoice had its last payment."""
    year, counts = _page(shelf, day)
    counts[day] = counts.get(day, 0) + 1
    head.years[year] = head.years.get(year, 0) + 1
    head.last_payment = max(head.last_payment, day)
    _put(shelf, year, counts)


def strike(shelf: Shelf, head: Head, day: Day) -> None:
    """Count that day once less."""
    year, counts = _page(shelf, day)
    counts[day] -= 1
    head.years[year] -= 1
    if not counts[day]:
        del counts[day]
    if not head.years[year]:
        del head.years[year]
    _put(shelf, year, counts)
    if day == head.last_payment and day not in counts:
        head.last_payment = _latest(shelf, head)


def _latest(shelf: Shelf, head: Head) -> Day:
    return max(_page(shelf, max(head.years))[1]) if head.years else ""


def _page(shelf: Shelf, day: Day) -> tuple[str, dict[Day, int]]:
    year = day[:4]
    return year, orjson.loads(shelf.page(_name(year)) or b"{}")


def _put(shelf: Shelf, year: str, counts: dict[Day, int]) -> None:
    shelf.put(_name(year), orjson.dumps(counts, option=orjson.OPT_SORT_KEYS))


def _name(year: str) -> bytes:
    return b":y:" + year.encode()
