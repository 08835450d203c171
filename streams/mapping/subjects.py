"""What a row is about: the facts of one client, or of one invoice, at hand for the mapping.

What the shipped mapping does not show is worked out only when it is asked for: a row costs microseconds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, assert_never

from streams.domain.command import Phase
from streams.domain.connection import ClosedWonWhen
from streams.domain.identity import ClientId
from streams.ledger.facts import ClientFacts, InvoiceFacts, Naming, Standing, standing
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage, InvoicePage
from streams.ledger.payment_state import PaymentState, payment_state
from streams.mapping.naming import account_name
from streams.mapping.terms import Terms

PHASES: Final[tuple[Phase, ...]] = ("draft", "invoiced", "won", "lost")


@dataclass(slots=True)
class Customer:
    """A client with its sums: what Account and Contact are about."""

    terms: Terms
    number: ClientId
    who: ClientPage
    client: ClientFacts
    head: Head

    @property
    def deleted(self) -> bool:
        """Whether FreshBooks does not have the client any more."""
        return _is_deleted(self.who)

    @property
    def gone(self) -> bool:
        """Whether what the row is about was deleted."""
        return self.deleted

    @property
    def account_name(self) -> str:
        """What its Account is called."""
        return account_name(self.client.name, self.number)


@dataclass(slots=True)
class Sale:
    """An invoice of a client: what an Opportunity is about."""

    terms: Terms
    treats: "Treats"
    number: ClientId
    who: ClientPage
    naming: Naming | None
    """What the client is called; nothing when it was never seen, empty when it never was there."""
    invoice_id: int
    invoice: InvoiceFacts
    page: InvoicePage
    state: PaymentState
    won: bool

    @property
    def client(self) -> ClientFacts | None:
        """The client's facts, once it was read."""
        return self.who.facts

    @property
    def deleted(self) -> bool:
        """Whether FreshBooks does not have the client any more."""
        return _is_deleted(self.who)

    @property
    def gone(self) -> bool:
        """Whether what the row is about was deleted."""
        return self.state is PaymentState.VOID

    @property
    def linked(self) -> bool:
        """Whether the row refers to the client's Account: not when there may be none."""
        if self.who.home:
            return True
        return self.naming != () and not (self.treats.leaves_deleted_accounts and self.deleted)

    @property
    def account_name(self) -> str:
        """What the client's Account is called; before the client was seen, as the invoice calls it."""
        return account_name(self.naming[0], self.number) if self.naming else self.invoice.organization

    @property
    def phase(self) -> Phase:
        """How far the sale is."""
        match self.state:
            case PaymentState.DRAFT:
                return "draft"
            case PaymentState.OPEN | PaymentState.PARTIAL | PaymentState.SETTLED:
                return "won" if self.won else "invoiced"
            case PaymentState.VOID:
                return "lost"
            case never:
                assert_never(never)

    @property
    def first_paid(self) -> str | None:
        """The day of the first payment that stands; without payments the day that FreshBooks names."""
        return min(self.page.payments.values(), default=self.invoice.paid_on) or None

    @property
    def last_paid(self) -> str | None:
        """The day of the last payment that stands; without payments the day that FreshBooks names."""
        return max(self.page.payments.values(), default=self.invoice.paid_on) or None

    @property
    def close_date(self) -> str:
        """The day it was won (the payment that the rule asks for), else the day payment is due."""
        due = self.invoice.due_on or self.invoice.created_on
        if not self.won:
            return due
        match self.terms.won_when:
            case ClosedWonWhen.PAID:
                return self.last_paid or due
            case ClosedWonWhen.ANY_PAYMENT:
                return self.first_paid or due
            case never:
                assert_never(never)


def customer(terms: Terms, number: ClientId, who: ClientPage, head: Head) -> Customer | None:
    """Return a client as what its rows are about; None before it was read."""
    return None if who.facts is None else Customer(terms, number, who, who.facts, head)


def sale(  # noqa: PLR0913, PLR0917 - a client's side and an invoice's side
    terms: Terms,
    treats: "Treats",
    number: ClientId,
    who: ClientPage,
    naming: Naming | None,
    invoice_id: int,
    page: InvoicePage,
) -> Sale:
    """Return an invoice, of which there are facts, as what its row is about."""
    facts, state = page.facts, payment_state(page)
    assert facts is not None
    won = is_won(terms.won_when, state)
    return Sale(terms, treats, number, who, naming, invoice_id, facts, page, state, won)


def is_won(rule: ClosedWonWhen, state: PaymentState) -> bool:
    """Tell whether the rule of the connection counts an invoice in this state as won."""
    match rule:
        case ClosedWonWhen.PAID:
            return state is PaymentState.SETTLED
        case ClosedWonWhen.ANY_PAYMENT:
            return state is PaymentState.SETTLED or state is PaymentState.PARTIAL
        case never:
            assert_never(never)


def _is_deleted(who: ClientPage) -> bool:
    return standing(who.facts, who.gone) is Standing.DELETED


class Treats(Protocol):
    """What a sale has to know of the mapping."""

    @property
    def leaves_deleted_accounts(self) -> bool:
        """Whether the Account of a deleted client may not be there."""
        ...

    @property
    def stage_of(self) -> Mapping[Phase, Callable[[Any], Any]]:
        """What gives a sale its stage, by how far it is."""
        ...
