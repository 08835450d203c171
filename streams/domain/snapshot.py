"""What FreshBooks said of an object when we read it, in our words and types.

Whatever FreshBooks sends beyond the named fields is kept in `more`, unchanged, so that the log of
record is complete and a later mapping can use it.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from streams.domain.identity import ClientId, ObjectId
from streams.domain.message import Value
from streams.domain.money import Amount, Currency, Money


class Visibility(StrEnum):
    """FreshBooks' `vis_state`: 0 active, 1 deleted, 2 archived."""

    ACTIVE = "active"
    DELETED = "deleted"
    ARCHIVED = "archived"


class Address(Value):
    """A postal address as typed by a person; country is free text."""

    street: str = ""
    street2: str = ""
    city: str = ""
    province: str = ""
    postal_code: str = ""
    country: str = ""


class Client(Value):
    """A client; `organization` may be empty, and names and e-mail too, but never all of them."""

    kind: Literal["client"] = "client"
    id: ObjectId
    organization: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    business_phone: str = ""
    mobile_phone: str = ""
    home_phone: str = ""
    fax: str = ""
    billing: Address = Address()
    shipping: Address = Address()
    currency: Currency | None = None
    note: str = ""
    visibility: Visibility = Visibility.ACTIVE
    more: dict[str, JsonValue] = Field(default_factory=dict)


class Line(Value):
    """One line of an invoice, before tax; taxes are percentages."""

    id: int
    name: str = ""
    description: str = ""
    quantity: Amount
    unit_cost: Money
    amount: Money
    tax_name_1: str = ""
    tax_percent_1: Amount | None = None
    tax_name_2: str = ""
    tax_percent_2: Amount | None = None


class Invoice(Value):
    """An invoice with its balance as FreshBooks states it. `lines` is None when they were not asked for."""

    kind: Literal["invoice"] = "invoice"
    id: ObjectId
    client: ClientId
    number: str
    organization: str = ""
    status: str
    """FreshBooks' `v3_status`: draft, sent, viewed, partial, paid, overdue, …"""
    payment_status: str = ""
    amount: Money
    paid: Money
    outstanding: Money
    created_on: date
    due_on: date | None = None
    paid_on: date | None = None
    po_number: str = ""
    description: str = ""
    lines: tuple[Line, ...] | None = None
    visibility: Visibility = Visibility.ACTIVE
    more: dict[str, JsonValue] = Field(default_factory=dict)


class Payment(Value):
    """Money received for one invoice."""

    kind: Literal["payment"] = "payment"
    id: ObjectId
    client: ClientId
    invoice: ObjectId
    amount: Money
    paid_on: date
    type: str = ""
    note: str = ""
    from_credit: bool = False
    visibility: Visibility = Visibility.ACTIVE
    more: dict[str, JsonValue] = Field(default_factory=dict)


class Gone(Value):
    """FreshBooks does not know the object (any more), or it went to another client."""

    kind: Literal["gone"] = "gone"
    moved_to: ClientId | None = None
    """The client whose books hold the object now; the old client's books let go of it without a row."""


Snapshot = Annotated[Client | Invoice | Payment | Gone, Field(discriminator="kind")]
