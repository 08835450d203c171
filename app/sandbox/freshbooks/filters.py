"""Filters: `search[...]` as tests of a row. What is not known is ignored, as FreshBooks does."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from app.sandbox.freshbooks.amounts import parsed
from app.sandbox.freshbooks.columns import Column, Sort, Value
from app.sandbox.freshbooks.moments import plain_day
from app.sandbox.freshbooks.refusals import Errno, invalid

Test = Callable[[Any, date | None], bool]


def tests_of(search: Iterable[tuple[str, tuple[str, ...]]], columns: Mapping[str, Column]) -> list[Test]:
    """Return the tests that a row must all pass. Raises: Refusal(1023, 1024) for an unreadable value."""
    found = (_test(field, values, columns) for field, values in search)
    return [test for test in found if test is not None]


def day_of(text: str, field: str) -> date:
    """Return a filter's day; a time of day is not understood. Raises: Refusal(1023)."""
    try:
        return plain_day(text)
    except ValueError:
        raise invalid(Errno.FILTER_DATE, "", field, text, f"{field} must be a date.") from None


def _test(field: str, values: tuple[str, ...], columns: Mapping[str, Column]) -> Test | None:
    stem, _, ending = field.rpartition("_")
    if ending == "like" and stem in columns:
        return _like(columns[stem], values[0])
    if ending in {"min", "max"} and stem in columns:
        return _bound(columns[stem], ending, _read(columns[stem], values[0], field))
    column = columns.get(field) or columns.get(field.removesuffix("s"))
    if column is None:
        return None
    return _among(column, frozenset(_read(column, value, field) for value in values))


def _like(column: Column, text: str) -> Test:
    wanted = text.casefold()
    return lambda row, today: wanted in str(column.get(row, today)).casefold()


def _bound(column: Column, ending: str, limit: Any) -> Test:
    """Return a bound: the lower one is inclusive, the upper one is not."""
    if ending == "min":
        return lambda row, today: bool(column.get(row, today) >= limit)
    return lambda row, today: bool(column.get(row, today) < limit)


def _among(column: Column, wanted: frozenset[Value]) -> Test:
    return lambda row, today: column.get(row, today) in wanted


def _read(column: Column, text: str, field: str) -> Value:
    match column.sort:
        case Sort.TEXT:
            return text
        case Sort.BOOL:
            return text.lower() in {"true", "1"}
        case Sort.DAY:
            return day_of(text, field)
        case Sort.NUMBER:
            found = parsed(text)
            if found is None:
                raise invalid(Errno.FILTER_NUMBER, "", field, text, f"{field} must be a number.")
            return found
