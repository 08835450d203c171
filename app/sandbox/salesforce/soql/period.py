"""Words for a stretch of days: TODAY, YESTERDAY, TOMORROW, LAST_N_DAYS:n, NEXT_N_DAYS:n (days of UTC)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.soql.scope import Get

DAY = timedelta(days=1)


def period(get: Get, field: Field, word: str, how: str, today: date) -> Callable[[Row], bool]:
    """Return the test of a date or moment against the stretch that `word` names."""
    name, _, number = word.partition(":")
    first, after = _stretch(name, int(number or 0), today)
    clock = "T00:00:00.000+0000" if field.type == "datetime" else ""
    begin, end = first.isoformat() + clock, after.isoformat() + clock
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: begin <= value < end,
        "!=": lambda value: not begin <= value < end,
        "<": lambda value: value < begin,
        "<=": lambda value: value < end,
        ">": lambda value: value >= end,
        ">=": lambda value: value >= begin,
    }
    test = tests[how]
    return lambda row: (value := get(row)) is not None and test(value)


def _stretch(name: str, number: int, today: date) -> tuple[date, date]:
    match name:
        case "YESTERDAY":
            return today - DAY, today
        case "TOMORROW":
            return today + DAY, today + 2 * DAY
        case "LAST_N_DAYS":
            return today - number * DAY, today + DAY
        case "NEXT_N_DAYS":
            return today + DAY, today + (number + 1) * DAY
    return today, today + DAY
