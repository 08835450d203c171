"""What it costs to write rows, in API calls: for those who ask before it is done."""

from collections.abc import Mapping
from typing import Final

from streams.domain.command import Items, SObject
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
    """Return how many lines of an Opportunity come, change or go; all where `before` is unknown."""
    was, wanted = _lines(before or {}), _lines(after)
    return sum(was.get(key) != line for key, line in wanted.items()) + len(was.keys() - wanted.keys())


def _lines(fields: Mapping[str, object]) -> Mapping[str, object]:
    items = fields.get(ITEMS)
    return {line.key: line for line in items.items} if isinstance(items, Items) else {}


def _full(count: int) -> int:
    return -(-count // PER_CALL)
