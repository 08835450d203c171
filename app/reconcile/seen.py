"""A FreshBooks object as one side shows it: enough to compare, and what of it is money."""

from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final, NamedTuple, assert_never

from app.reconcile.money import NO_MONEY, Money, Sums
from streams.domain.money import ZERO
from streams.domain.snapshot import Client, Gone, Invoice, Payment, Snapshot, Visibility
from streams.domain.version import Version, version
from streams.ledger.facts import DRAFTS, ClientFacts

_OWN: Final = {
    Client: {"visibility", "more", "note", "kind"},
    Invoice: {"visibility", "more", "lines", "status", "payment_status", "kind"},
    Payment: {"visibility", "more", "note", "kind"},
}
"""What is not compared: lists show no lines, an invoice's status moves with the days."""


class Owed(NamedTuple):
    """An invoice's money, where the invoice counts: it is no draft and not deleted."""

    currency: str
    outstanding: Decimal
    paid: Decimal
    due_on: str

    def on(self, day: date) -> Money:
        """Return what it adds to its client's sums on a day."""
        late = bool(self.due_on) and self.due_on < day.isoformat()
        sums = Sums(self.outstanding, self.paid, max(self.outstanding, ZERO) if late else ZERO)
        return {self.currency: sums} if sums else NO_MONEY


class Seen(NamedTuple):
    """One object. Of what cannot be read, nothing but that it is there."""

    client: int
    """The client that it belongs to; 0 where that is not known."""
    changed: str
    """When it changed, as text that sorts; empty where that is not known."""
    live: bool
    content: bytes = b""
    """Digest of what is compared; empty where that is not known."""
    read_at: datetime | None = None
    name: str = ""
    """What a client goes by."""
    owed: Owed | None = None

    lines: bool = False
    """Whether it has a part that lists do not show."""

    def newer_than(self, other: "Seen") -> bool:
        """Tell whether it shows a state that `other` does not.

        What is shown in full is compared: a client's `updated` moves with each new invoice, and no webhook
        says so. Of an invoice the lines are not shown, so that its stamp alone counts, too.
        """
        differs = bool(self.content and other.content) and self.content != other.content
        if self.changed > other.changed:
            return differs or self.lines or not (self.content and other.content)
        return differs and self.changed == other.changed


UNREADABLE: Final = Seen(0, "", live=True)


def seen(snapshot: Snapshot, changed: str, read_at: datetime, client: int) -> Seen:
    """Return what is compared of a snapshot that changed then."""
    match snapshot:
        case Gone():
            return Seen(client, changed, live=False, read_at=read_at)
        case Client():
            name = ClientFacts.of(Version(""), snapshot).name
            return Seen(client, changed, _live(snapshot), _digest(snapshot), read_at, name)
        case Invoice():
            its = snapshot.client
            return Seen(
                its, changed, _live(snapshot), _digest(snapshot), read_at, owed=_owed(snapshot), lines=True
            )
        case Payment():
            return Seen(snapshot.client, changed, _live(snapshot), _digest(snapshot), read_at)
        case never:
            assert_never(never)


def moment_of(changed: datetime) -> str:
    """Return when something changed, as a record's version has it."""
    return changed_part(version(changed, changed))


def changed_part(of: Version) -> str:
    """Return the part of a version that FreshBooks says; the rest is when we read it."""
    return of.partition("~")[0]


def _live(snapshot: Client | Invoice | Payment) -> bool:
    return snapshot.visibility is not Visibility.DELETED


def _owed(invoice: Invoice) -> Owed | None:
    if not _live(invoice) or invoice.status in DRAFTS:
        return None
    due = invoice.due_on.isoformat() if invoice.due_on else ""
    return Owed(invoice.outstanding.currency, invoice.outstanding.amount, invoice.paid.amount, due)


def _digest(snapshot: Client | Invoice | Payment) -> bytes:
    said = snapshot.model_dump_json(exclude=_OWN[type(snapshot)])
    return blake2b(said.encode(), digest_size=8).digest()
