"""FreshBooks' payment (facts, 4.3)."""

from pydantic import AliasChoices, Field

from app.freshbooks.wire.fields import Day, Flag, Identifier, MaybeMoment, Shown, Text, Wire
from app.freshbooks.wire.money import Cash
from streams.domain.identity import ClientId, ObjectId
from streams.domain.snapshot import Payment, Visibility


class WirePayment(Wire):
    """A payment as sent."""

    id: Identifier = Field(validation_alias=AliasChoices("id", "logid"))
    clientid: Identifier
    invoiceid: Identifier
    amount: Cash
    currency_code: Text = ""
    date: Day
    type: Text = ""
    note: Text = ""
    from_credit: Flag = False
    vis_state: Shown = Visibility.ACTIVE
    updated: MaybeMoment = None

    def snapshot(self) -> Payment:
        """Return our payment."""
        return Payment(
            id=ObjectId(self.id),
            client=ClientId(self.clientid),
            invoice=ObjectId(self.invoiceid),
            amount=self.amount.money(self.currency_code),
            paid_on=self.date,
            type=self.type,
            note=self.note,
            from_credit=self.from_credit,
            visibility=self.vis_state,
            more=self.more(),
        )
