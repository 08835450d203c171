"""What a list says of an invoice that falls due: whose it is, when, and whether anything is left to pay."""

from app.freshbooks.wire.fields import Identifier, MaybeDay, Text, Wire
from app.freshbooks.wire.money import Cash
from streams.ledger.facts import DRAFTS


class WireDue(Wire):
    """The part of a listed invoice that tells whether its client owes something by a day."""

    customerid: Identifier
    due_date: MaybeDay = None
    outstanding: Cash
    v3_status: Text = ""

    @property
    def owed(self) -> bool:
        """Whether somebody was asked to pay it, and has not paid all."""
        return self.outstanding.amount > 0 and self.v3_status not in DRAFTS
