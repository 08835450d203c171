"""What is overdue: amounts by the day they are due, a page per month, until the books' day has passed them.

There is no clock in the books. Their day is the latest on which FreshBooks was read for them; a long gap
walks the months in which something falls due, however many invoices there are.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson

from streams.domain.version import EASTERN
from streams.ledger.head import Head, shift
from streams.ledger.shelf import Shelf

Day = str
"""An ISO date."""

_MONTH: Final = len("2026-11")

Dues = dict[Day, dict[str, str]]
"""Amounts per currency, per day."""


def day_of(read_at: datetime) -> Day:
    """Return the day of the books when FreshBooks was read at `read_at` (aware).

    By FreshBooks' own clock, US/Eastern: rather some hours late, as nearly everywhere east of it, than early.
    """
    return read_at.astimezone(EASTERN).date().isoformat()


def owe(shelf: Shelf, head: Head, due: Day, currency: str, amount: Decimal) -> None:
    """Let `amount` (negative: no longer) be due on a day; no day: it never falls due."""
    if not due or not amount:
        return
    if due < head.day:
        shift(head.overdue, currency, amount)
        return
    month = due[:_MONTH]
    dues = _page(shelf, month)
    shift(dues.setdefault(due, {}), currency, amount)
    if not dues[due]:
        del dues[due]
    _put(shelf, head, month, dues)


def advance(shelf: Shelf, head: Head, day: Day) -> bool:
    """Move the books on to `day`, never back; tell whether something has become overdue."""
    if day <= head.day:
        return False
    head.day, before = day, dict(head.overdue)
    for month in [month for month in head.months if month <= day[:_MONTH]]:
        dues = _page(shelf, month)
        for due in [due for due in dues if due < day]:
            for currency, amount in dues.pop(due).items():
                shift(head.overdue, currency, Decimal(amount))
        _put(shelf, head, month, dues)
    return head.overdue != before


def _page(shelf: Shelf, month: str) -> Dues:
    found: Dues = orjson.loads(shelf.page(_name(month)) or b"{}")
    return found


def _put(shelf: Shelf, head: Head, month: str, dues: Dues) -> None:
    """Keep a month's page, and in the head whether anything is on it."""
    if dues and month not in head.months:
        head.months = sorted([*head.months, month])
    elif not dues and month in head.months:
        head.months.remove(month)
    shelf.put(_name(month), orjson.dumps(dues, option=orjson.OPT_SORT_KEYS))


def _name(month: str) -> bytes:
    return b":d:" + month.encode()
