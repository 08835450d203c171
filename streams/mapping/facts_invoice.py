"""Facts of an invoice, for its Opportunity."""

from decimal import Decimal
from operator import attrgetter
from typing import Final

from streams.domain.money import ZERO
from streams.ledger.facts import Standing
from streams.ledger.payment_state import PaymentState
from streams.mapping.fact import Fact, Kind
from streams.mapping.naming import opportunity_name

TEXT, NUMBER, DATE, FLAG = Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.FLAG


STAGE: Final = Fact(
    "invoice.stage",
    TEXT,
    "What [opportunity.stages] says for invoice.phase.",
    lambda it: it.treats.stage_of[it.phase](it),
)


def _counted(field: str, says: str) -> Fact:
    """Return the fact that is an amount in the invoice's currency, as long as the invoice counts."""
    of = attrgetter(f"invoice.{field}")
    return Fact(
        f"invoice.{field}",
        NUMBER,
        says,
        lambda it: ZERO if it.gone else Decimal(of(it)),
        currency=lambda it: it.invoice.currency or None,
    )


INVOICE: Final = (
    Fact("invoice.id", TEXT, "FreshBooks' number of the invoice.", lambda it: str(it.invoice_id)),
    Fact(
        "invoice.external_id",
        TEXT,
        "What the Opportunity is upserted by.",
        lambda it: it.terms.external_id(it.invoice_id),
    ),
    Fact("invoice.number", TEXT, "As printed on it.", lambda it: it.invoice.number or None),
    Fact(
        "invoice.title",
        TEXT,
        '"Invoice 0042 - Acme": the number first, so that a cut never takes it.',
        lambda it: opportunity_name(it.invoice.number, it.account_name),
    ),
    Fact(
        "invoice.amount",
        NUMBER,
        "The whole amount; of one that was deleted or voided what it was.",
        lambda it: Decimal(it.invoice.amount),
        currency=lambda it: it.invoice.currency or None,
    ),
    Fact(
        "invoice.billed",
        NUMBER,
        "The whole amount; nothing once it was deleted or voided.",
        lambda it: None if it.gone else Decimal(it.invoice.amount),
        currency=lambda it: it.invoice.currency or None,
    ),
    _counted("paid", "What is paid of it; 0 once it was deleted or voided, as on the Account."),
    _counted("outstanding", "What is still to come; 0 once it was deleted or voided, as on the Account."),
    Fact("invoice.currency", TEXT, "Its ISO code.", lambda it: it.invoice.currency),
    Fact("invoice.created_on", DATE, "The day on the invoice.", lambda it: it.invoice.created_on),
    Fact("invoice.due_on", DATE, "When payment is due.", lambda it: it.invoice.due_on or None),
    Fact("invoice.first_paid_on", DATE, "The day of the first payment.", lambda it: it.first_paid),
    Fact("invoice.last_paid_on", DATE, "The day of the last payment.", lambda it: it.last_paid),
    Fact(
        "invoice.settled_on",
        DATE,
        "The day of the last payment, once all is paid.",
        lambda it: it.last_paid if it.state is PaymentState.SETTLED else None,
    ),
    Fact(
        "invoice.close_date",
        DATE,
        "The day it was won by the connection's closed_won_when, else the day payment is due.",
        lambda it: it.close_date,
    ),
    Fact(
        "invoice.payment_status",
        TEXT,
        "draft, unpaid, partial, paid or deleted: by the money, not by FreshBooks' status.",
        lambda it: it.state.value,
    ),
    Fact(
        "invoice.phase",
        TEXT,
        "draft, invoiced, won or lost, by the connection's closed_won_when.",
        lambda it: it.phase,
    ),
    STAGE,
    Fact("invoice.won", FLAG, "Whether the connection counts it as won.", lambda it: it.won),
    Fact("invoice.draft", FLAG, "Whether nobody was asked to pay yet.", lambda it: it.invoice.draft),
    Fact(
        "invoice.deleted",
        FLAG,
        "Whether it was deleted in FreshBooks.",
        lambda it: it.page.standing is Standing.DELETED,
    ),
    Fact("invoice.status", TEXT, "FreshBooks' own word.", lambda it: it.invoice.status or None),
    Fact("invoice.po_number", TEXT, "The customer's order number.", lambda it: it.invoice.po_number or None),
    Fact(
        "invoice.organization",
        TEXT,
        "What the invoice calls the client.",
        lambda it: it.invoice.organization or None,
    ),
)
