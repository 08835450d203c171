"""Expected money summed by month and currency. Pure; nothing is converted, no two currencies are added."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict

OVERDUE: Final = "overdue"
LATER: Final = "later"
CENT: Final = Decimal("0.01")
YEAR: Final = 12


class Source(StrEnum):
    """Where expected money comes from."""

    INVOICE = "invoice"
    PIPELINE = "pipeline"


class Expectation(NamedTuple):
    """One amount that may come."""

    source: Source
    day: date
    currency: str
    """ISO code; empty where the org has one currency of its own and does not say which."""
    amount: Decimal


class Month(BaseModel):
    """What to expect in one month in one currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    month: str
    """2026-03, or `overdue` (its day has passed), or `later`."""
    invoices: Decimal
    invoice_count: int
    pipeline: Decimal
    """Amounts times probability."""
    pipeline_count: int

    @property
    def total(self) -> Decimal:
        """What to expect of both together."""
        return self.invoices + self.pipeline


class Cashflow(BaseModel):
    """A whole report, and when it was read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_at: AwareDatetime
    rows: tuple[Month, ...]


@dataclass(slots=True)
class _Sum:
    amount: Decimal = Decimal(0)
    count: int = 0


def by_month(found: Iterable[Expectation], today: date, months: int) -> tuple[Month, ...]:
    """Return the sums per currency, in order of time; beyond `months` from this one it is `later`."""
    sums: dict[tuple[str, str], dict[Source, _Sum]] = {}
    for each in found:
        place = (each.currency, _bucket(each.day, today, months))
        held = sums.setdefault(place, {source: _Sum() for source in Source})[each.source]
        held.amount += each.amount
        held.count += 1
    order = sorted(sums, key=lambda place: (place[0], _rank(place[1])))
    return tuple(_month(*place, sums[place]) for place in order)


def _bucket(day: date, today: date, months: int) -> str:
    if day < today:
        return OVERDUE
    ahead = (day.year - today.year) * YEAR + day.month - today.month
    return f"{day:%Y-%m}" if ahead < months else LATER


def _rank(month: str) -> tuple[int, str]:
    return {OVERDUE: 0, LATER: 2}.get(month, 1), month


def _month(currency: str, month: str, sums: dict[Source, _Sum]) -> Month:
    invoices, pipeline = sums[Source.INVOICE], sums[Source.PIPELINE]
    return Month(
        currency=currency,
        month=month,
        invoices=_cents(invoices.amount),
        invoice_count=invoices.count,
        pipeline=_cents(pipeline.amount),
        pipeline_count=pipeline.count,
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_EVEN)
