"""How a client stands with us, over all invoices that count (no drafts, no deleted ones)."""

from decimal import Decimal
from typing import Final

from streams.ledger.head import Head
from streams.ledger.opened import LISTED
from streams.mapping.fact import Fact, Kind
from streams.mapping.subjects import Customer

TEXT, NUMBER = Kind.TEXT, Kind.NUMBER


def _payment_status(it: Customer) -> str | None:
    """Return one word for all invoices together; none when there are none."""
    head = it.head
    if not head.counted:
        return None
    if not head.open:
        return "paid"
    if head.overdue:
        return "overdue"
    return "partial" if head.moneyed else "unpaid"


def _per_currency(totals: dict[str, str]) -> str | None:
    """Return each currency's total, apart: nothing is converted."""
    return "; ".join([f"{currency} {totals[currency]}" for currency in sorted(totals)]) or None


def _amounts(totals: dict[str, str]) -> dict[str, Decimal]:
    return {currency: Decimal(total) for currency, total in totals.items()}


def _open_invoices(it: Customer) -> str | None:
    head: Head = it.head
    if head.open > LISTED:
        return f"{head.open} invoices"
    return ", ".join([number for _, number in head.numbers]) or None


SUMS: Final = (
    Fact(
        "sums.payment_status",
        TEXT,
        "overdue, else unpaid, partial or paid; empty without invoices.",
        _payment_status,
    ),
    Fact(
        "sums.outstanding",
        TEXT,
        'What is still to come, per currency: "CAD 21.94; USD 800.00".',
        lambda it: _per_currency(it.head.outstanding),
    ),
    Fact(
        "sums.paid",
        TEXT,
        "What was received, per currency, in the same form.",
        lambda it: _per_currency(it.head.paid),
    ),
    Fact(
        "sums.overdue",
        TEXT,
        "What of it was due before the day of the last reading, in the same form.",
        lambda it: _per_currency(it.head.overdue),
    ),
    Fact(
        "sums.owed",
        Kind.AMOUNTS,
        "What is still to come: {{ sums.owed['CAD'] }}.",
        lambda it: _amounts(it.head.outstanding),
    ),
    Fact(
        "sums.received",
        Kind.AMOUNTS,
        "What was received: {{ sums.received['CAD'] }}.",
        lambda it: _amounts(it.head.paid),
    ),
    Fact(
        "sums.late",
        Kind.AMOUNTS,
        "What of it is overdue: {{ sums.late['CAD'] }}.",
        lambda it: _amounts(it.head.overdue),
    ),
    Fact(
        "sums.open_invoices",
        TEXT,
        f"The numbers of the open invoices; how many, beyond {LISTED}.",
        _open_invoices,
    ),
    Fact("sums.open_count", NUMBER, "How many invoices are open.", lambda it: Decimal(it.head.open)),
    Fact("sums.invoice_count", NUMBER, "How many invoices count.", lambda it: Decimal(it.head.counted)),
    Fact(
        "sums.last_payment",
        Kind.DATE,
        "The day of the last payment.",
        lambda it: it.head.last_payment or None,
    ),
    Fact(
        "sums.last_invoice",
        Kind.DATE,
        "The day on the newest invoice.",
        lambda it: it.head.latest[-1][0] if it.head.latest else None,
    ),
    Fact(
        "sums.last_invoice_number",
        TEXT,
        "The number of the newest invoice.",
        lambda it: (it.head.latest[-1][2] or None) if it.head.latest else None,
    ),
)
