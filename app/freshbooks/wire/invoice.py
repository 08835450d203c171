"""FreshBooks' invoice (facts, 4.2)."""

from datetime import date, datetime
from typing import Final

from pydantic import AliasChoices, Field, JsonValue

from app.freshbooks.refused import Unreadable
from app.freshbooks.wire.fields import Identifier, MaybeDay, MaybeMoment, MaybeNumber, Shown, Text, Wire
from app.freshbooks.wire.line import WireLine
from app.freshbooks.wire.money import Cash
from streams.domain.identity import ClientId, ObjectId
from streams.domain.snapshot import Invoice, Visibility
from streams.domain.version import EASTERN

_V3_STATUS: Final = {
    0: "disputed",
    1: "draft",
    2: "sent",
    3: "viewed",
    4: "paid",
    5: "autopaid",
    6: "retry",
    7: "failed",
    8: "partial",
}
"""What FreshBooks' old number means, for an invoice without `v3_status`."""

_VOID: Final = frozenset({"void", "voided"})
"""States in which nobody owes it: it counts as deleted. Unconfirmed: FreshBooks documents no such state, and
voids by deleting; one that it adds is not to stand as owed for ever."""


class WireInvoice(Wire):
    """An invoice as sent. Without `include[]=lines` it has no `lines`, which does not mean none."""

    id: Identifier = Field(validation_alias=AliasChoices("id", "invoiceid"))
    customerid: Identifier
    invoice_number: Text = ""
    organization: Text = ""
    v3_status: Text = ""
    status: MaybeNumber = None
    payment_status: Text = ""
    amount: Cash
    paid: Cash
    outstanding: Cash
    currency_code: Text = ""
    create_date: MaybeDay = None
    created_at: MaybeMoment = None
    due_date: MaybeDay = None
    date_paid: MaybeDay = None
    po_number: Text = ""
    description: Text = ""
    lines: tuple[WireLine, ...] | None = None
    vis_state: Shown = Visibility.ACTIVE
    version: MaybeMoment = None
    """`updated` with microseconds: it tells two changes within one second apart."""
    stamped: MaybeMoment = Field(default=None, validation_alias="updated")

    @property
    def updated(self) -> datetime | None:
        """When the invoice changed, as exactly as FreshBooks says it."""
        return self.version or self.stamped

    def snapshot(self) -> Invoice:
        """Return our invoice."""
        return Invoice(
            id=ObjectId(self.id),
            client=ClientId(self.customerid),
            number=self.invoice_number,
            organization=self.organization,
            status=self._status(),
            payment_status=self.payment_status,
            amount=self.amount.money(self.currency_code),
            paid=self.paid.money(self.currency_code),
            outstanding=self.outstanding.money(self.currency_code),
            created_on=self._created_on(),
            due_on=self.due_date,
            paid_on=self.date_paid,
            po_number=self.po_number,
            description=self.description,
            lines=None if self.lines is None else tuple(line.line(self.currency_code) for line in self.lines),
            visibility=Visibility.DELETED if self._status() in _VOID else self.vis_state,
            more=self.more() | self._more_of_lines(),
        )

    def _more_of_lines(self) -> dict[str, JsonValue]:
        return {"lines": [line.more() for line in self.lines]} if self.lines else {}

    def _status(self) -> str:
        old = "" if self.status is None else _V3_STATUS.get(int(self.status), "")
        return (self.v3_status or old).replace("_", "-")

    def _created_on(self) -> date:
        if self.create_date is not None:
            return self.create_date
        if self.created_at is not None:
            return self.created_at.astimezone(EASTERN).date()
        message = "FreshBooks' WireInvoice is unreadable: create_date"
        raise Unreadable(message)
