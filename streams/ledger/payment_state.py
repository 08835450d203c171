"""What is paid of an invoice: FreshBooks' own figures decide, not its many status words."""

from decimal import Decimal
from enum import StrEnum

from streams.ledger.facts import Standing
from streams.ledger.pages import InvoicePage


class PaymentState(StrEnum):
    """How far an invoice is paid."""

    DRAFT = "draft"
    OPEN = "unpaid"
    PARTIAL = "partial"
    SETTLED = "paid"
    VOID = "deleted"


def payment_state(page: InvoicePage) -> PaymentState:
    """Return how far an invoice is paid, from what FreshBooks says is paid and outstanding.

    `status` is no guide: a partly paid invoice had status "sent" (facts: FreshBooks, section 4.2).
    """
    facts = page.facts
    if facts is None or page.standing is not Standing.LIVE:
        return PaymentState.VOID
    if facts.draft:
        return PaymentState.DRAFT
    if Decimal(facts.outstanding) <= 0:
        return PaymentState.SETTLED
    return PaymentState.PARTIAL if Decimal(facts.paid) > 0 else PaymentState.OPEN
