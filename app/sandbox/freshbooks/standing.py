"""How an invoice stands: its four status fields, which follow from stage, money and the calendar."""

from datetime import date, timedelta
from typing import NamedTuple

from app.sandbox.freshbooks.rows import InvoiceRow, Stage


class Standing(NamedTuple):
    """The fields that FreshBooks shows; only `v3_status` and `payment_status` agree with the money."""

    status: int
    v3_status: str
    display_status: str
    payment_status: str


_NAMES = {Stage.DRAFT: "draft", Stage.SENT: "sent", Stage.VIEWED: "viewed", Stage.PAID: "sent"}


def due_date(invoice: InvoiceRow) -> date:
    """Return the day by which the invoice should be paid."""
    return invoice.create_date + timedelta(days=invoice.due_days)


def standing(invoice: InvoiceRow, today: date | None) -> Standing:
    """Return how `invoice` stands; `today` (Eastern) makes it overdue, None never does."""
    name = _NAMES[Stage(invoice.stage)]
    if invoice.stage == Stage.PAID:
        return Standing(Stage.PAID, "paid", name, "paid")
    if invoice.paid:
        return Standing(invoice.stage, "partial", name, "partial")
    late = today is not None and invoice.stage != Stage.DRAFT and due_date(invoice) < today
    return Standing(invoice.stage, "overdue" if late else name, name, "unpaid")
