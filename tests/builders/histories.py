"""Random histories of a client's books, as records of the snapshots FreshBooks would show, oldest first."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from app.freshbooks.wire.invoice import WireInvoice
from streams.domain.money import Money
from streams.domain.record import Record
from streams.domain.snapshot import Client, Invoice, Payment, Visibility
from tests.builders import freshbooks
from tests.builders.records import a_client, a_payment, a_record, an_invoice

Snap = Client | Invoice | Payment
Pick = Callable[[int], int]
"""Picks a number below its argument: hypothesis or a seeded generator."""

NEW_YORK: Final = ZoneInfo("America/New_York")
CURRENCIES: Final = ("CAD", "USD", "EUR")
ORGANIZATIONS: Final = ("Acme", "Björk & Söhne", "")
CENTS: Final = ("100.00", "0.10", "33.34", "8.20")
"""Amounts that a field of two decimals holds, and half of them, too."""
AMOUNTS: Final = ("100.00", "0.10", "33.335", "7.60133524082021936099189318")
GAPS: Final = (1, 7, 9_000, 90_000, 3_000_000)
"""Seconds between two deeds."""
DUE: Final = (date(2026, 10, 31), date(2026, 11, 3), date(2026, 12, 9), None)
STATES: Final = ("sent", "sent", "draft", "void")
SHARES: Final = (-2, -1, 1, 2, 3, 4)
"""Halves of an invoice that a payment comes to; a negative one is a refund."""
SHOWN: Final = (Visibility.ACTIVE, Visibility.ARCHIVED, Visibility.DELETED)

VIS_STATES: Final = {Visibility.ACTIVE: 0, Visibility.DELETED: 1, Visibility.ARCHIVED: 2}


@dataclass
class Bookkeeper:
    """Keeps the books of a few clients as a person at FreshBooks would; `put` hears what we read of them."""

    put: Callable[[Snap], None]
    pick: Pick
    clients: int = 1
    amounts: tuple[str, ...] = AMOUNTS
    objects: dict[tuple[str, int], Snap] = field(default_factory=dict)

    def act(self) -> None:
        """Do one thing: make or change a client, an invoice or a payment."""
        deeds = (self.client, self.invoice, self.invoice, self.payment, self.payment, self.payment)
        deeds[self.pick(len(deeds))]()

    def client(self) -> None:
        """Make a client, or change its name, address or visibility."""
        number = 7 + self.pick(self.clients)
        self.keep(
            a_client(
                number,
                organization=ORGANIZATIONS[self.pick(3)],
                first_name=("", "Ann")[self.pick(2)],
                last_name=("Lee", "Lea")[self.pick(2)],
                visibility=SHOWN[self.pick(3)],
            )
        )

    def invoice(self) -> None:
        """Write an invoice, or change one: its amount, its state, its number of days."""
        number = 30 + self.pick(3)
        known = self.objects.get(("invoice", number))
        client = known.client if isinstance(known, Invoice) else 7 + self.pick(self.clients)
        currency = known.amount.currency if isinstance(known, Invoice) else CURRENCIES[self.pick(3)]
        look = self.pick(4)
        changed = an_invoice(
            number,
            client=client,
            amount=self.amounts[look],
            currency=currency,
            status=STATES[self.pick(len(STATES))],
            created_on=date(2026, 10, 1) + timedelta(days=look * number % 20),
            due_on=DUE[(look + number) % 4],
            visibility=SHOWN[self.pick(8) // 3],
        )
        self.keep(self._settled(changed))

    def payment(self) -> None:
        """Receive money for an invoice, in part or too much, or refund it; change, move or delete such."""
        invoices = [it for it in self.objects.values() if isinstance(it, Invoice)]
        if not invoices:
            return self.invoice()
        invoice = invoices[self.pick(len(invoices))]
        number = 500 + 10 * (invoice.client - 7) + self.pick(3)
        before = self.objects.get(("payment", number))
        amount = invoice.amount.amount * SHARES[self.pick(len(SHARES))] / 2
        after = a_payment(
            number,
            invoice=invoice.id,
            client=invoice.client,
            amount=str(amount),
            currency=invoice.amount.currency,
            paid_on=date(2025, 12, 20) + timedelta(days=self.pick(30)),
            visibility=SHOWN[self.pick(8) // 3],
        )
        self.keep(after)
        self._balance({it.invoice for it in (before, after) if isinstance(it, Payment)})
        return None

    def _balance(self, invoices: set[int]) -> None:
        """Show the invoices with what is paid of them now."""
        for number in sorted(invoices):
            invoice = self.objects["invoice", number]
            assert isinstance(invoice, Invoice)
            self.keep(self._settled(invoice))

    def _settled(self, invoice: Invoice) -> Invoice:
        """Return the invoice with its balance: an overpayment leaves nothing outstanding."""
        paid = sum(
            (
                it.amount.amount
                for it in self.objects.values()
                if isinstance(it, Payment)
                and it.invoice == invoice.id
                and it.visibility is not Visibility.DELETED
            ),
            Decimal(0),
        )
        left = max(invoice.amount.amount - paid, Decimal(0))
        currency = invoice.amount.currency
        return invoice.model_copy(
            update={
                "paid": Money(amount=paid, currency=currency),
                "outstanding": Money(amount=left, currency=currency),
            }
        )

    def keep(self, it: Snap) -> None:
        """Let an object be as `it` says from now on."""
        self.objects[it.kind, it.id] = it
        self.put(_as_read(it))


def _as_read(it: Snap) -> Snap:
    """Return what we read of it: whether an invoice in such a state is still owed, the client says."""
    if not isinstance(it, Invoice):
        return it
    shown = freshbooks.an_invoice(v3_status=it.status, vis_state=VIS_STATES[it.visibility])
    return it.model_copy(update={"visibility": WireInvoice.model_validate(shown).snapshot().visibility})


def a_history(
    pick: Pick, deeds: int, clients: int = 1
) -> tuple[list[Record], Mapping[tuple[str, int], Snap]]:
    """Return the records of `deeds` random deeds, oldest first, and how the objects stand in the end.

    Days pass between them, sometimes weeks, so that invoices fall due.
    """
    snapshots: list[Snap] = []
    keeper = Bookkeeper(snapshots.append, pick, clients)
    keeper.client()
    for _ in range(deeds):
        keeper.act()
    moments = accumulate(snapshots, lambda at, _: at + GAPS[pick(len(GAPS))], initial=0)
    return [a_record(it, at=at) for at, it in zip(moments, snapshots, strict=False)], keeper.objects


def read_on(records: Iterable[Record]) -> dict[int, str]:
    """Return the last day on which anything of each client was read, as FreshBooks' clocks show it.

    Of a client that was never read it is before all days.
    """
    days: defaultdict[int, str] = defaultdict(str)
    for it in records:
        day = str(it.read_at.astimezone(NEW_YORK).date())
        days[it.client] = max(days[it.client], day)
    return days
