"""What the books keep of each FreshBooks object: plain text, as FreshBooks wrote it."""

from enum import StrEnum
from typing import NamedTuple, Self

from streams.domain.snapshot import Address, Client, Invoice, Payment, Visibility
from streams.domain.version import Version

DRAFTS = frozenset({"draft", "created"})
"""FreshBooks' states of an invoice that nobody was asked to pay yet."""

Naming = tuple[str, ...]
"""The one name that a client goes by, which may be empty. No name at all: there never was such a client."""


class Standing(StrEnum):
    """Whether an object counts, and if not, why."""

    LIVE = "live"
    DELETED = "deleted"
    MOVED = "moved"
    UNKNOWN = "unknown"


class ClientFacts(NamedTuple):
    """A client as FreshBooks has it."""

    version: Version
    organization: str
    first_name: str
    last_name: str
    email: str
    business_phone: str
    mobile_phone: str
    home_phone: str
    fax: str
    billing: tuple[str, ...]
    shipping: tuple[str, ...]
    currency: str
    visibility: str

    @classmethod
    def of(cls, version: Version, client: Client) -> Self:
        """Return the facts of a snapshot."""
        return cls(
            version,
            client.organization,
            client.first_name,
            client.last_name,
            client.email,
            client.business_phone,
            client.mobile_phone,
            client.home_phone,
            client.fax,
            _address(client.billing),
            _address(client.shipping),
            client.currency or "",
            client.visibility.value,
        )

    @property
    def name(self) -> str:
        """The name that the client goes by: organization, else first and last name, else e-mail."""
        return self.organization or f"{self.first_name} {self.last_name}".strip() or self.email


class InvoiceFacts(NamedTuple):
    """An invoice with its balance as FreshBooks states it; dates are ISO text, empty when there is none."""

    version: Version
    number: str
    organization: str
    status: str
    payment_status: str
    currency: str
    amount: str
    paid: str
    outstanding: str
    created_on: str
    due_on: str
    paid_on: str
    po_number: str
    visibility: str

    @classmethod
    def of(cls, version: Version, invoice: Invoice) -> Self:
        """Return the facts of a snapshot."""
        return cls(
            version,
            invoice.number,
            invoice.organization,
            invoice.status,
            invoice.payment_status,
            invoice.amount.currency,
            str(invoice.amount.amount),
            str(invoice.paid.amount),
            str(invoice.outstanding.amount),
            invoice.created_on.isoformat(),
            invoice.due_on.isoformat() if invoice.due_on else "",
            invoice.paid_on.isoformat() if invoice.paid_on else "",
            invoice.po_number,
            invoice.visibility.value,
        )

    @property
    def draft(self) -> bool:
        """Whether nobody was asked to pay it yet."""
        return self.status in DRAFTS


class PaymentFacts(NamedTuple):
    """Money received for an invoice."""

    version: Version
    invoice: int
    currency: str
    amount: str
    paid_on: str
    type: str
    from_credit: bool
    visibility: str

    @classmethod
    def of(cls, version: Version, payment: Payment) -> Self:
        """Return the facts of a snapshot."""
        return cls(
            version,
            payment.invoice,
            payment.amount.currency,
            str(payment.amount.amount),
            payment.paid_on.isoformat(),
            payment.type,
            payment.from_credit,
            payment.visibility.value,
        )


def standing(facts: ClientFacts | InvoiceFacts | PaymentFacts | None, gone: str, left: str = "") -> Standing:
    """Return what the newest of an object's snapshot, vanishing and move says of it."""
    newest = facts.version if facts else ""
    if left > newest and left > gone:
        return Standing.MOVED
    if gone > newest:
        return Standing.DELETED
    if facts is None:
        return Standing.UNKNOWN
    return Standing.DELETED if facts.visibility == Visibility.DELETED else Standing.LIVE


def _address(address: Address) -> tuple[str, ...]:
    return (
        address.street,
        address.street2,
        address.city,
        address.province,
        address.postal_code,
        address.country,
    )
