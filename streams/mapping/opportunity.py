"""An invoice as an Opportunity."""

from decimal import Decimal
from typing import assert_never

from streams.domain.command import Field, Figure, Lookup, SObject
from streams.domain.connection import ClosedWonWhen
from streams.domain.identity import ClientId
from streams.domain.made import made
from streams.ledger.facts import InvoiceFacts, Naming, Standing
from streams.ledger.pages import InvoicePage
from streams.ledger.payment_state import PaymentState, payment_state
from streams.mapping.naming import account_name, opportunity_name
from streams.mapping.row import ACCOUNT_KEY, OPPORTUNITY_KEY, Row
from streams.mapping.rules import Rules


def opportunity(
    rules: Rules, client: ClientId, naming: Naming | None, invoice: int, page: InvoicePage
) -> Row | None:
    """Return the Opportunity of an invoice; None when there should be none, or it is not ours to say.

    A client that was not seen yet is called as the invoice calls it; one that FreshBooks never knew
    has no Account to refer to.
    """
    facts = page.facts
    if facts is None or page.standing is Standing.MOVED or (facts.draft and not rules.drafts):
        return None
    state = payment_state(page)
    won = _won(rules, state)
    fields: dict[str, Field] = {
        "Name": opportunity_name(
            facts.number, account_name(naming[0], client) if naming else facts.organization
        ),
        "Amount": _figure(facts.amount),
        "CloseDate": _close_date(rules, facts, page, won=won),
        "StageName": _stage(rules, state, won=won),
        "FreshBooks_Invoice_Number__c": facts.number or None,
        "FreshBooks_Due_Date__c": facts.due_on or None,
        "FreshBooks_Outstanding__c": _figure(facts.outstanding),
        "FreshBooks_Payment_Status__c": state.value,
        "FreshBooks_Currency__c": facts.currency,
        "FreshBooks_Paid_Date__c": _last_paid(facts, page) if state is PaymentState.SETTLED else None,
    }
    if naming != ():
        fields["Account"] = Lookup(external_id_field=ACCOUNT_KEY, external_id=rules.external_id(client))
    return Row(SObject.OPPORTUNITY, OPPORTUNITY_KEY, rules.external_id(invoice), fields, page.left)


def _won(rules: Rules, state: PaymentState) -> bool:
    """Tell whether the rule of the connection counts this as won."""
    match rules.won_when:
        case ClosedWonWhen.PAID:
            return state is PaymentState.SETTLED
        case ClosedWonWhen.ANY_PAYMENT:
            return state in {PaymentState.SETTLED, PaymentState.PARTIAL}
        case never:
            assert_never(never)


def _stage(rules: Rules, state: PaymentState, *, won: bool) -> str:
    """Return the sales stage that the invoice deserves."""
    match state:
        case PaymentState.DRAFT:
            return rules.stages.draft
        case PaymentState.OPEN | PaymentState.PARTIAL | PaymentState.SETTLED:
            return rules.stages.won if won else rules.stages.invoiced
        case PaymentState.VOID:
            return rules.stages.lost
        case never:
            assert_never(never)


def _close_date(rules: Rules, facts: InvoiceFacts, page: InvoicePage, *, won: bool) -> str:
    """Return the day it was won (the payment that the rule asks for), else the day payment is due."""
    due = facts.due_on or facts.created_on
    if not won:
        return due
    match rules.won_when:
        case ClosedWonWhen.PAID:
            return _last_paid(facts, page) or due
        case ClosedWonWhen.ANY_PAYMENT:
            return min(page.payments.values(), default=facts.paid_on) or due
        case never:
            assert_never(never)


def _last_paid(facts: InvoiceFacts, page: InvoicePage) -> str | None:
    return max(page.payments.values(), default=facts.paid_on) or None


def _figure(amount: str) -> Figure:
    return made(Figure, figure=Decimal(amount))
