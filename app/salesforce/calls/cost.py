"""What it costs to write rows, in API calls: for those who ask before it is done."""

from collections.abc import Mapping
from typing import Final

from streams.domain.command import Item, Items, SObject
from streams.mapping.row import ITEMS

PER_CALL: Final = 200
"""Salesforce's limit of rows in one call."""
LOOKS: Final = 2
"""Calls in which the lines of 200 Opportunities are looked at: the Opportunities, and what stands on them."""


def calls(rows: Mapping[SObject, int], lines: int = 0) -> int:
    """Return how many calls it takes, at the least, to write so many rows of each object.

    A row of lines is all those of one Opportunity: it is looked at, and then `lines` of all are written.
    """
    needed = {sobject: _full(count) for sobject, count in rows.items()}
    looks = (LOOKS - 1) * needed.get(SObject.LINES, 0)
    return sum(needed.values()) + looks + _full(lines)


def lines_written(before: Mapping[str, object] | None, after: Mapping[str, object]) -> int:
    """Return how many lines of an Opportunity are written, at the least; all where `before` is unknown.

    Another product takes two: its line goes, and one comes. In another currency none of those that stand can
    stay: all of them go, or all that are wanted come, or both.
    """
    (was, were), (currency, wanted) = _lines(before or {}), _lines(after)
    if was != currency:
        return max(len(were), len(wanted))
    changed = sum(_writes(were.get(key), line) for key, line in wanted.items())
    return changed + len(were.keys() - wanted.keys())


def _writes(stands: Item | None, line: Item) -> int:
    """Return in how many writes what `stands`, if anything, becomes the line that is wanted."""
    if stands is not None and stands.product != line.product:
        return 2
    return int(stands != line)


def _lines(fields: Mapping[str, object]) -> tuple[str, Mapping[str, Item]]:
    """Return the lines by their keys, and in which currency they are; none are in none."""
    match fields.get(ITEMS):
        case Items() as its:
            return its.currency, {line.key: line for line in its.items}
        case _:
            return "", {}


def _full(count: int) -> int:
    return -(-count // PER_CALL)
