"""What follows from payments: how an invoice stands after them, and what a client owes per currency."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.sandbox.freshbooks.amounts import ZERO, money
from app.sandbox.freshbooks.rows import InvoiceRow, PaymentRow, Stage, Texts, Vis
from app.sandbox.freshbooks.standing import due_date


def settled(invoice: InvoiceRow, payments: Iterable[PaymentRow]) -> InvoiceRow:
    """Return `invoice` as its payments leave it; deleted payments do not count, too much is a credit."""
    counted = [payment for payment in payments if payment.vis_state != Vis.DELETED]
    received = sum((payment.amount for payment in counted), ZERO)
    paid_up = bool(counted) and received >= invoice.amount
    stage = Stage.PAID if paid_up else _stage_without_payment(invoice)
    return replace(
        invoice,
        paid=min(received, invoice.amount),
        date_paid=max(payment.date for payment in counted) if paid_up else None,
        stage=stage,
    )


def received_for(payments: Iterable[PaymentRow]) -> Decimal:
    """Return the sum of the payments that count."""
    return sum((payment.amount for payment in payments if payment.vis_state != Vis.DELETED), ZERO)


def balances(invoices: Iterable[InvoiceRow], today: date) -> dict[str, list[Texts]]:
    """Return the balances that a client shows by include[], each one entry per currency."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for invoice in invoices:
        for name in _balances_of(invoice, today):
            sums[name][invoice.currency] += invoice.outstanding
    return {
        name: [{"amount": money(amount, code)} for code, amount in sums[name].items()] for name in BALANCES
    }


BALANCES = (
    "outstanding_balance",
    "draft_balance",
    "overdue_balance",
    "grand_total_balance",
    "credit_balance",
)


def _balances_of(invoice: InvoiceRow, today: date) -> Iterable[str]:
    if invoice.vis_state == Vis.DELETED or not invoice.outstanding:
        return
    yield "grand_total_balance"
    if invoice.stage == Stage.DRAFT:
        yield "draft_balance"
        return
    yield "outstanding_balance"
    if due_date(invoice) < today:
        yield "overdue_balance"


def _stage_without_payment(invoice: InvoiceRow) -> int:
    return Stage.SENT if invoice.stage == Stage.PAID else invoice.stage
