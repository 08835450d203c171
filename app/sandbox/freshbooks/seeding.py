"""Seeding: an account with a past. The same seed and size give the same books."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from app.sandbox.freshbooks.amounts import cents
from app.sandbox.freshbooks.balances import settled
from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.clients import new_client
from app.sandbox.freshbooks.invoices import new_invoice
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.payments import new_payment
from app.sandbox.freshbooks.people import PAYMENT_TYPES, a_client, some_lines
from app.sandbox.freshbooks.rows import ClientRow, InvoiceRow, PaymentRow, Stage, Vis

PAST = timedelta(days=730)
INVOICES_PER_CLIENT = 8
BREATH = 200
VIS_STATES = (Vis.ACTIVE,) * 18 + (Vis.DELETED, Vis.ARCHIVED)
STAGES = (Stage.DRAFT, Stage.SENT, Stage.SENT, Stage.VIEWED)
PARTS = tuple(map(Decimal, ("0", "0.25", "0.5", "1", "1")))


class Sown(NamedTuple):
    """How many objects a seeding made."""

    clients: int
    invoices: int
    payments: int


def sow(books: Books, invoices: int, seed: int) -> Iterator[Sown]:
    """Fill `books` with this many invoices of the last two years, their clients and payments.

    Yields what is there so far, so that a server can breathe. Nothing is told: the events of the past
    are past. One in twenty objects is deleted, one archived.
    """
    chance = random.Random(f"books {seed}")  # noqa: S311 - a rehearsal's chance
    now = books.clock.now()
    clients = [_client(books, chance, now) for _ in range(max(1, invoices // INVOICES_PER_CLIENT))]
    payments = 0
    for number in range(1, invoices + 1):
        payments += _invoice_with_payments(books, chance, clients, now)
        if number == invoices or not number % BREATH:
            yield Sown(len(clients), number, payments)


def _client(books: Books, chance: random.Random, now: datetime) -> ClientRow:
    created = now - PAST * chance.uniform(0.5, 1)
    row = new_client(books.clients.new_id(), a_client(chance), created)
    row = replace(row, vis_state=chance.choice(VIS_STATES))
    books.load(Noun.CLIENT, row)
    return row


def _invoice_with_payments(
    books: Books, chance: random.Random, clients: list[ClientRow], now: datetime
) -> int:
    """Put one invoice and its payments on their shelves; return how many payments there are."""
    created = now - PAST * chance.uniform(0, 0.5)
    body = {
        "create_date": eastern_day(created).isoformat(),
        "lines": some_lines(chance),
        "due_offset_days": 30,
    }
    number = f"{len(books.invoices) + 1:07}"
    row = new_invoice(books.invoices.new_id(), body, chance.choice(clients), number, created)
    row = replace(row, stage=chance.choice(STAGES), vis_state=chance.choice(VIS_STATES))
    payments = list(_payments(books, chance, row, now)) if row.stage != Stage.DRAFT else []
    for payment in payments:
        books.load(Noun.PAYMENT, payment)
    last = max((payment.updated for payment in payments), default=row.updated)
    books.load(Noun.INVOICE, replace(settled(row, payments), updated=last))
    return len(payments)


def _payments(
    books: Books, chance: random.Random, invoice: InvoiceRow, now: datetime
) -> Iterator[PaymentRow]:
    part = chance.choice(PARTS)
    if not part or not invoice.amount:
        return
    when = invoice.created + (now - invoice.created) * chance.random()
    body = {
        "amount": {"amount": str(cents(invoice.amount * part)), "code": invoice.currency},
        "date": eastern_day(when).isoformat(),
        "type": chance.choice(PAYMENT_TYPES),
    }
    yield new_payment(books.payments.new_id(), body, invoice, when)
