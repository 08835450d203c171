"""The head of a client's books: the revision, and sums that are kept up fold by fold."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

import orjson

from streams.ledger.amounts import EXACT, plain


@dataclass(slots=True)
class Head:
    """Totals per currency and counts of the invoices that count; none of it grows with their number."""

    revision: int = 0
    """Rises by one with each news."""
    invoices: int = 0
    """How many invoices the list of invoices names."""
    counted: int = 0
    open: int = 0
    moneyed: int = 0
    """Of the counted ones: those with money still to come, those with money received."""
    last_payment: str = ""
    outstanding: dict[str, str] = field(default_factory=dict)
    paid: dict[str, str] = field(default_factory=dict)
    numbers: list[tuple[int, str]] = field(default_factory=list)
    """Id and number of each open invoice, while they are few (streams.ledger.opened)."""
    years: dict[str, int] = field(default_factory=dict)
    """How many invoices had their last payment in each year (streams.ledger.days)."""
    day: str = ""
    """The latest day on which FreshBooks was read for these books (streams.ledger.due)."""
    aged_by: str = ""
    """The record that last moved the day so that something became overdue."""
    overdue: dict[str, str] = field(default_factory=dict)
    """What was due before that day."""
    months: list[str] = field(default_factory=list)
    """The months in which something falls due from that day on."""
    latest: list[tuple[str, int, str]] = field(default_factory=list)
    """Day, id and number of the newest invoices, the newest last (streams.ledger.latest)."""
    members: list[int] = field(default_factory=list)
    """The clients that share this one's Account (streams.ledger.joining)."""

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return what `raw` holds; empty bytes are books never opened."""
        return cls(*orjson.loads(raw)) if raw else cls()

    def written(self) -> bytes:
        """Return the head as bytes."""
        return orjson.dumps(
            [
                self.revision,
                self.invoices,
                self.counted,
                self.open,
                self.moneyed,
                self.last_payment,
                self.outstanding,
                self.paid,
                self.numbers,
                self.years,
                self.day,
                self.aged_by,
                self.overdue,
                self.months,
                self.latest,
                self.members,
            ],
            option=orjson.OPT_SORT_KEYS,
        )


def shift(totals: dict[str, str], currency: str, by: Decimal) -> None:
    """Change the total of one currency, exactly; a total of nothing is not kept."""
    if not by:
        return
    after = EXACT.add(Decimal(totals.get(currency, "0")), by)
    if after:
        totals[currency] = plain(after)
    else:
        totals.pop(currency, None)
