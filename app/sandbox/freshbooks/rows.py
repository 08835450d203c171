"""What the simulated FreshBooks keeps: small rows, so that a hundred thousand invoices fit in memory.

Rows are never changed, only replaced. A row holds what differs; everything an object shows beyond
that is filled in when it is rendered.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

from app.sandbox.freshbooks.amounts import ZERO

Texts = dict[str, Any]


class Vis(IntEnum):
    """FreshBooks' `vis_state`."""

    ACTIVE = 0
    DELETED = 1
    ARCHIVED = 2


@dataclass(frozen=True, slots=True)
class Face:
    """A client's name and address at one time: an invoice keeps the one it was made with."""

    organization: str = ""
    fname: str = ""
    lname: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    province: str = ""
    country: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client. `texts` holds its plain fields that are not blank."""

    id: int
    created: datetime
    updated: datetime
    texts: Texts
    face: Face
    vis_state: int = Vis.ACTIVE

    @property
    def client(self) -> int:
        """A client is its own client."""
        return self.id


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice or estimate; taxes in percent."""

    name: str = ""
    description: str = ""
    qty: Decimal = Decimal(1)
    unit_cost: Decimal = ZERO
    tax_name_1: str = ""
    tax_1: Decimal = Decimal(0)
    tax_name_2: str = ""
    tax_2: Decimal = Decimal(0)
    compounded: bool = False
    type: int = 0


class Stage(IntEnum):
    """An invoice's numeric `status` while it is not paid."""

    DRAFT = 1
    SENT = 2
    VIEWED = 3
    PAID = 4


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice. What is outstanding follows from `amount` and `paid`."""

    id: int
    client: int
    number: str
    currency: str
    create_date: date
    due_days: int
    lines: tuple[Line, ...]
    face: Face
    created: datetime
    updated: datetime
    amount: Decimal = ZERO
    discount: Decimal = ZERO
    """Percent."""
    paid: Decimal = ZERO
    date_paid: date | None = None
    stage: int = Stage.DRAFT
    vis_state: int = Vis.ACTIVE
    texts: Texts = field(default_factory=dict)

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid."""
        return self.amount - self.paid


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money received for one invoice."""

    id: int
    client: int
    invoice: int
    amount: Decimal
    currency: str
    date: date
    updated: datetime
    overpaid: bool = False
    vis_state: int = Vis.ACTIVE
    texts: Texts = field(default_factory=dict)

    @property
    def created(self) -> datetime:
        """Payments show no `created_at`; `updated` stands for it."""
        return self.updated


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """An estimate, in short."""

    id: int
    client: int
    number: str
    currency: str
    create_date: date
    lines: tuple[Line, ...]
    face: Face
    created: datetime
    updated: datetime
    amount: Decimal = ZERO
    discount: Decimal = ZERO
    stage: int = Stage.DRAFT
    vis_state: int = Vis.ACTIVE
    texts: Texts = field(default_factory=dict)


Row = ClientRow | InvoiceRow | PaymentRow | EstimateRow
