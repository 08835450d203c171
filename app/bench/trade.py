"""Business as usual in a made-up FreshBooks account, as the records that fetch writes of it."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, count, islice
from typing import Any, Final

from app.freshbooks.wire.reading import reading
from app.sandbox.clock import MovableClock
from app.sandbox.freshbooks.account import Account
from app.sandbox.freshbooks.amounts import cents
from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import PAYMENT_TYPES, a_client, some_lines
from app.sandbox.freshbooks.rows import InvoiceRow
from app.sandbox.freshbooks.shown import Shown
from app.sandbox.freshbooks.switches import Switches
from streams.domain.connection import Connection
from streams.domain.identity import (
    AccountId,
    ClientId,
    ConnectionName,
    EventId,
    ObjectKind,
    RecordId,
    digest,
)
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone
from streams.domain.version import version

BUSINESS: Final = Connection(name=ConnectionName("bench"), freshbooks_account_id=AccountId("sBx7Qk"))
MONDAY: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
PARTS: Final = tuple(map(Decimal, ("0.25", "0.5", "1", "1")))


CLIENTS: Final = 400
CHAPTER: Final = 20_000
"""Records until the business has as many clients again, and no more to do with those before."""


def trade(clients: int, seed: int = 0, chapter: int = CHAPTER) -> Iterator[Record]:
    """Yield records without end: first each client, then invoices, changes of them, payments and moves.

    The JSON is the sandbox's, the snapshots are read from it as a worker reads FreshBooks. A payment
    brings its invoice along, as fetch does. So many records on, it begins with other clients: only one
    chapter is in memory, and a client has no more invoices in a long trade than in a short one.
    """
    chance, now = random.Random(f"trade {seed}"), MONDAY  # noqa: S311 - a rehearsal's chance
    for number in count():
        trader = _Trader(chance, now, later=number * chapter)
        yield from islice(trader.records(clients), chapter)
        now = trader.now


class _Trader:
    """The business in one chapter: a record makes one object at most, so ids go on where they may."""

    def __init__(self, chance: random.Random, now: datetime, later: int) -> None:
        switches, self._told = Switches(), list[tuple[str, int]]()
        self._chance, self.now = chance, now
        clock = MovableClock(lambda: self.now)
        self._books = Books(clock, switches, lambda noun, _, number: self._told.append((noun, number)), later)
        self._shown = Shown(self._books, Account(), switches)
        self._open: list[int] = []

    def records(self, clients: int) -> Iterator[Record]:
        deeds: tuple[Callable[[], None], ...] = (self._invoice, self._edit, self._pay, self._pay, self._move)
        firsts = (self._client for _ in range(clients))
        rest = iter(lambda: self._chance.choices(deeds, (8, 4, 4, 4, 1))[0], None)
        for deed in chain(firsts, rest):
            self.now += timedelta(seconds=self._chance.randrange(30, 900))
            deed()
            told, self._told[:] = dict.fromkeys(self._told), []
            for noun, number in told:
                yield from self._fetched(Noun(noun), number)

    def _client(self) -> None:
        self._books.create(Noun.CLIENT, a_client(self._chance))

    def _invoice(self) -> None:
        client = self._chance.choice([*self._books.clients.rows])
        body = {
            "customerid": client,
            "create_date": eastern_day(self.now).isoformat(),
            "lines": some_lines(self._chance),
            "due_offset_days": 30,
            "status": self._chance.choice((1, 2, 2, 2)),
        }
        self._open.append(self._books.create(Noun.INVOICE, body).id)

    def _edit(self) -> None:
        """Send an open invoice, or give it other lines."""
        if self._open:
            body = self._chance.choice(({"action_mark_as_sent": True}, {"lines": some_lines(self._chance)}))
            self._books.change(Noun.INVOICE, self._chance.choice(self._open), body)

    def _pay(self) -> None:
        if not self._open:
            return
        place = self._chance.randrange(len(self._open))
        invoice: InvoiceRow = self._books.get(Noun.INVOICE, self._open[place])
        amount = min(cents(invoice.amount * self._chance.choice(PARTS)), invoice.outstanding)
        if amount > 0:
            self._books.create(Noun.PAYMENT, self._payment(invoice, amount))
        if self._books.get(Noun.INVOICE, invoice.id).outstanding <= 0:
            self._open[place] = self._open[-1]
            self._open.pop()

    def _payment(self, invoice: InvoiceRow, amount: Decimal) -> dict[str, Any]:
        return {
            "invoiceid": invoice.id,
            "amount": {"amount": str(amount), "code": invoice.currency},
            "date": eastern_day(self.now).isoformat(),
            "type": self._chance.choice(PAYMENT_TYPES),
        }

    def _move(self) -> None:
        """Let a client move house; one in four gets another name, too."""
        body = {"p_street": f"{self._chance.randrange(400)} High St."}
        if not self._chance.randrange(4):
            body["organization"] = f"{a_client(self._chance).get('lname', 'Nobody')} Holding"
        self._books.change(Noun.CLIENT, self._chance.choice([*self._books.clients.rows]), body)

    def _fetched(self, noun: Noun, number: int) -> Iterator[Record]:
        row = self._books.get(noun, number)
        if noun is Noun.PAYMENT:
            yield self._record(Noun.INVOICE, row.invoice)
        yield self._record(noun, number)

    def _record(self, noun: Noun, number: int) -> Record:
        kind = ObjectKind(noun.value)
        read_at = self.now + timedelta(seconds=2)
        found = reading(kind, self._shown(self._books.get(noun, number), ("lines",)), read_at)
        snapshot = found.snapshot
        assert not isinstance(snapshot, Gone)
        return Record(
            id=RecordId(digest("record", kind.value, str(number), self.now.isoformat())),
            connection=BUSINESS.name,
            client=ClientId(snapshot.id) if isinstance(snapshot, Client) else snapshot.client,
            object=kind,
            object_id=number,
            version=version(found.changed_at, read_at),
            read_at=read_at,
            cause=EventId(digest("event", kind.value, str(number), self.now.isoformat())),
            snapshot=snapshot,
        )


def some_trade(records: int, clients: int = CLIENTS, seed: int = 0) -> list[Record]:
    """Return the first `records` records of a trade."""
    return [*islice(trade(clients, seed), records)]
