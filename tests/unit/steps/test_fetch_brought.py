"""Whom a payment told of its invoice is known under the invoice's own key: it hears when the invoice goes."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.event import Event, EventSource
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.steps.fetch import Fetch
from streams.steps.reads import Reads
from tests.builders.events import ACME, an_event
from tests.builders.records import a_client, a_payment, an_invoice
from tests.fakes.books import FakeBooks

INVOICE, PAYMENT = ObjectKind.INVOICE, ObjectKind.PAYMENT
AT_8 = an_invoice(31, client=8)


@dataclass
class Desks:
    """Two workers: payments are one's, invoices the other's; what is said of invoices comes round later."""

    books: FakeBooks = field(default_factory=lambda: FakeBooks(lambda: datetime(2026, 11, 2, 9, tzinfo=UTC)))
    tables: dict[ObjectKind, dict[bytes, bytes]] = field(default_factory=lambda: {PAYMENT: {}, INVOICE: {}})
    later: list[Event] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        for it in (a_client(), a_client(8), an_invoice(), a_payment()):
            self.books.put(ACME, it)
        self.restart()

    def restart(self) -> None:
        self.steps = {kind: Fetch(Reads(self.books), table) for kind, table in self.tables.items()}

    async def tell(self, *events: Event) -> list[tuple[str, int]]:
        """Ask all at once, conclude them in order; return kind and client of what was told."""
        words = [asyncio.ensure_future(self.steps[it.object].ask(it)) for it in events]
        told: list[Record] = []
        for event, word in zip(events, words, strict=True):
            said = [*self.steps[event.object](event, await word)]
            told += [it for it in said if isinstance(it, Record)]
            self.later += [it for it in said if isinstance(it, Event)]
            self.entries += [it for it in said if isinstance(it, AuditEntry)]
        self.gone = [it.client for it in told if it.snapshot == Gone(moved_to=ClientId(8))]
        return [(it.object.value, it.client) for it in told]

    async def come_round(self) -> list[tuple[str, int]]:
        later, self.later = self.later, []
        return await self.tell(*later)


@pytest.fixture
def desk() -> Desks:
    return Desks()


async def test_the_client_that_a_payment_told_hears_that_the_invoice_went_before_its_own_first_event(
    desk: Desks,
) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    await desk.come_round()
    desk.books.put(ACME, AT_8)

    told = await desk.tell(an_event(INVOICE, 31))

    assert told == [("client", 8), ("invoice", 8), ("invoice", 7)]
    assert desk.gone == [7]


async def test_it_hears_also_where_the_invoices_own_event_was_there_first(desk: Desks) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.put(ACME, AT_8)
    await desk.tell(an_event(INVOICE, 31))

    await desk.come_round()
    told = await desk.come_round()

    assert told == [("invoice", 8), ("invoice", 7)]
    assert desk.gone == [7]
    assert desk.later == []


async def test_an_event_under_way_knows_what_is_noted_before_it(desk: Desks) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.put(ACME, AT_8)

    told = await desk.tell(*desk.later, an_event(INVOICE, 31))

    assert told == [("client", 8), ("invoice", 8), ("invoice", 7)]


async def test_nothing_is_read_for_what_is_noted_and_reports_count_no_event(desk: Desks) -> None:
    await desk.tell(an_event(INVOICE, 31), an_event(PAYMENT, 501))
    so_far = len(desk.books.reads)

    told = await desk.come_round()

    assert (told, desk.later) == ([], [])
    assert len(desk.books.reads) == so_far
    assert (desk.entries[-1].verdict, desk.entries[-1].object) == (Verdict.UNCHANGED, None)


async def test_it_is_said_once_of_a_payment_that_stays_where_it_is(desk: Desks) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    (said,) = desk.later

    await desk.tell(an_event(PAYMENT, 501, nth=1))

    assert desk.later == [said]
    assert (said.source, said.object_id, said.brought_to) == (EventSource.BROUGHT, 31, 7)


async def test_it_is_said_again_of_a_payment_that_stands_elsewhere_now(desk: Desks) -> None:
    desk.books.put(ACME, an_invoice(32))
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.put(ACME, a_payment(501, invoice=32))

    await desk.tell(an_event(PAYMENT, 501, nth=1))

    assert [it.object_id for it in desk.later] == [31, 31, 32]


async def test_it_is_said_of_an_invoice_that_is_not_the_payments_clients(desk: Desks) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.put(ACME, AT_8)

    await desk.tell(an_event(PAYMENT, 501, nth=1))

    assert [it.brought_to for it in desk.later] == [7, 8]


async def test_a_crash_that_loses_the_word_has_it_said_again_under_the_same_id(desk: Desks) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    desk.restart()

    await desk.tell(an_event(PAYMENT, 501))

    once, again = desk.later
    assert once == again
