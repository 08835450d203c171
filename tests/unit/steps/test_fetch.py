"""Events in, records out: each object read once for all who waited, and nothing told without its client."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Refused, Removed
from streams.domain.event import Event, EventSource, Webhook
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.steps.fetch import Fetch, Found
from streams.steps.reads import Reads
from tests.builders.events import ACME, an_event
from tests.builders.records import a_client, a_payment, an_invoice
from tests.fakes.books import FakeBooks

CLIENT, INVOICE, PAYMENT = ObjectKind.CLIENT, ObjectKind.INVOICE, ObjectKind.PAYMENT


class Desk:
    """A fetch step with its table and a FreshBooks."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 9, tzinfo=UTC)
        self.books = FakeBooks(lambda: self.now)
        self.table: dict[bytes, bytes] = {}
        self.entries: list[AuditEntry] = []
        self.restart()

    def restart(self) -> None:
        self.step = Fetch(Reads(self.books), self.table)

    async def tell(self, *events: Event) -> list[Record]:
        """Ask all events at once, conclude them in order; return the records."""
        asked = [asyncio.ensure_future(self.step.ask(event)) for event in events]
        said = [it for event, word in zip(events, asked, strict=True) for it in self.step(event, await word)]
        self.entries = [it for it in said if isinstance(it, AuditEntry)]
        return [it for it in said if isinstance(it, Record)]


def told(records: list[Record]) -> Iterator[tuple[str, int, int]]:
    """Yield kind, id and client of each record."""
    for record in records:
        yield record.object.value, record.object_id, record.client


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    for it in (a_client(), an_invoice(), a_payment()):
        desk.books.put(ACME, it)
    return desk


async def test_a_payment_brings_its_client_and_its_invoice(desk: Desk) -> None:
    records = await desk.tell(an_event(PAYMENT, 501))

    assert [*told(records)] == [("client", 7, 7), ("invoice", 31, 7), ("payment", 501, 7)]


async def test_a_client_is_brought_once(desk: Desk) -> None:
    first = await desk.tell(an_event(INVOICE, 31), an_event(PAYMENT, 501))
    later = await desk.tell(an_event(INVOICE, 31, nth=1))

    assert [kind for kind, _, _ in told(first)] == ["client", "invoice", "invoice", "payment"]
    assert [kind for kind, _, _ in told(later)] == ["invoice"]


async def test_a_client_of_which_a_person_decided_is_read_with_all_its_rows_to_be_sent_again(
    desk: Desk,
) -> None:
    told = {"source": EventSource.MATCH, "nonce": "0" * 16}
    event = an_event(CLIENT, 7, action="again").model_copy(update=told)

    (record,) = await desk.tell(event)

    assert (record.whole, record.nonce) == (True, "0" * 16)


async def test_who_wants_every_row_again_is_not_content_with_what_another_read_of_the_client_brings(
    desk: Desk,
) -> None:
    lost = an_event(CLIENT, 7, nth=1).model_copy(update={"source": EventSource.DELIVER})

    records = await desk.tell(an_event(CLIENT, 7), lost)

    assert [it.whole for it in records] == [False, True]
    assert len(desk.books.reads) == 1


async def test_the_event_that_brought_a_client_brings_it_again_after_a_crash(desk: Desk) -> None:
    event = an_event(INVOICE, 31)
    lost = await desk.tell(event)
    desk.restart()

    again = await desk.tell(event)

    assert [it.id for it in again] == [it.id for it in lost]


async def test_events_that_came_before_the_read_share_it(desk: Desk) -> None:
    records = await desk.tell(*(an_event(CLIENT, 7, nth=nth) for nth in range(5)))

    assert len(records) == 1
    assert desk.books.reads == [(ACME, CLIENT, 7)]
    assert [it.details["coalesced"] for it in desk.entries] == [False, True, True, True, True]
    assert {it.caused for it in desk.entries} == {(records[0].id,)}


async def test_an_event_that_came_during_the_read_has_the_object_read_again(desk: Desk) -> None:
    reading = asyncio.Event()

    async def slow(_: object) -> None:
        reading.set()
        await asyncio.sleep(0)

    desk.books.before = slow
    first = asyncio.ensure_future(desk.step.ask(an_event(CLIENT, 7)))
    await reading.wait()
    second = asyncio.ensure_future(desk.step.ask(an_event(CLIENT, 7, nth=1)))
    await asyncio.gather(first, second)

    assert desk.books.reads == [(ACME, CLIENT, 7)] * 2


async def test_a_payment_that_vanished_takes_its_invoice_along(desk: Desk) -> None:
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.vanish(ACME, PAYMENT, 501)

    records = await desk.tell(an_event(PAYMENT, 501, nth=1))

    assert [*told(records)] == [("invoice", 31, 7), ("payment", 501, 7)]
    assert records[-1].snapshot == Gone()


async def test_a_payment_that_vanished_while_it_was_asked_for_takes_its_invoice_along(desk: Desk) -> None:
    first = asyncio.ensure_future(desk.step.ask(an_event(PAYMENT, 501)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    desk.books.vanish(ACME, PAYMENT, 501)
    later = an_event(PAYMENT, 501, nth=1)
    second = asyncio.ensure_future(desk.step.ask(later))
    [*desk.step(an_event(PAYMENT, 501), await first)]

    records = [it for it in desk.step(later, await second) if isinstance(it, Record)]

    assert [*told(records)] == [("invoice", 31, 7), ("payment", 501, 7)]


async def test_an_object_that_was_never_seen_and_is_gone_ends_here(desk: Desk) -> None:
    records = await desk.tell(an_event(INVOICE, 99))

    assert records == []
    assert desk.entries[0].verdict is Verdict.SUPERSEDED
    assert desk.entries[0].rule == "FreshBooks never told us its client"
    assert desk.entries[0].key == "acme"


async def test_a_client_that_is_gone_is_told_to_its_own_books(desk: Desk) -> None:
    records = await desk.tell(an_event(CLIENT, 8))

    assert [*told(records)] == [("client", 8, 8)]
    assert records[0].snapshot == Gone()


async def test_an_invoice_that_moved_is_told_to_both_clients_every_time(desk: Desk) -> None:
    desk.books.put(ACME, a_client(8))
    await desk.tell(an_event(INVOICE, 31))
    desk.books.put(ACME, an_invoice(31, client=8))

    moved = await desk.tell(an_event(INVOICE, 31, nth=1))
    again = await desk.tell(an_event(INVOICE, 31, nth=2))

    assert [*told(moved)] == [("client", 8, 8), ("invoice", 31, 8), ("invoice", 31, 7)]
    assert moved[-1].snapshot == Gone(moved_to=ClientId(8))
    assert moved[-1].version == moved[-2].version
    assert [*told(again)] == [("invoice", 31, 8), ("invoice", 31, 7)]


async def test_a_demand_is_for_the_client_that_has_the_invoice_now(desk: Desk) -> None:
    await desk.tell(an_event(INVOICE, 31))
    desk.books.put(ACME, a_client(8))
    desk.books.put(ACME, an_invoice(31, client=8))
    demanded = an_event(INVOICE, 31, nth=1).model_copy(update={"nonce": "0123456789abcdef"})

    *_, its, formers = await desk.tell(demanded)

    assert (its.nonce, formers.nonce) == (demanded.nonce, "")


async def test_what_is_demanded_after_a_move_is_as_new_as_the_reading_whichever_client_s_end_asked_for_it(
    desk: Desk,
) -> None:
    """Of two moves the first one's end may come last: its partition was behind."""
    handed_over = {"source": EventSource.SHARED, "object": INVOICE, "object_id": 31}
    second = an_event(INVOICE, 31).model_copy(update={**handed_over, "nonce": "f" * 10 + "0" * 6})
    first = an_event(INVOICE, 31, nth=1).model_copy(update={**handed_over, "nonce": "0" * 15 + "1"})

    *_, before = await desk.tell(second)
    desk.now += timedelta(seconds=1)
    *_, last = await desk.tell(first)

    assert last.nonce > before.nonce


async def test_an_invoice_that_vanished_after_it_moved_stays_the_new_clients_to_tell(desk: Desk) -> None:
    desk.books.put(ACME, a_client(8))
    await desk.tell(an_event(INVOICE, 31))
    desk.books.put(ACME, an_invoice(31, client=8))
    await desk.tell(an_event(INVOICE, 31, nth=1))
    desk.books.vanish(ACME, INVOICE, 31)

    its, formers = await desk.tell(an_event(INVOICE, 31, nth=2))

    assert (its.client, its.snapshot) == (8, Gone())
    assert (formers.client, formers.snapshot) == (7, Gone(moved_to=ClientId(8)))


async def test_a_payment_that_moved_has_the_invoice_it_left_read_too(desk: Desk) -> None:
    desk.books.put(ACME, an_invoice(32))
    await desk.tell(an_event(PAYMENT, 501))
    desk.books.put(ACME, a_payment(501, invoice=32))

    records = await desk.tell(an_event(PAYMENT, 501, nth=1))

    assert [*told(records)] == [("invoice", 31, 7), ("invoice", 32, 7), ("payment", 501, 7)]


async def test_an_object_that_freshbooks_will_not_show_is_buried_with_all_who_shared_the_read(
    desk: Desk,
) -> None:
    desk.books.refused[ACME, CLIENT, 7] = Refused("no")
    asked = [asyncio.ensure_future(desk.step.ask(an_event(CLIENT, 7, nth=nth))) for nth in range(2)]

    said = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(it) for it in said] == [Refused, Refused]


async def test_who_gives_up_waiting_takes_the_answer_from_nobody_else(desk: Desk) -> None:
    first, second = (asyncio.ensure_future(desk.step.ask(an_event(CLIENT, 7, nth=nth))) for nth in range(2))
    await asyncio.sleep(0)
    first.cancel()

    found = await second
    assert isinstance(found, Found)
    assert found.reading.snapshot == a_client()


async def test_the_entry_keeps_the_webhook_for_the_trace(desk: Desk) -> None:
    webhook = Webhook(callback="abc", body="name=client.update&object_id=7", signature="sig", verifier="01ab")
    event = an_event(CLIENT, 7).model_copy(update={"webhook": webhook, "source": EventSource.WEBHOOK})

    await desk.tell(event)

    details = desk.entries[0].details
    assert details["webhook"] == webhook.model_dump()
    assert details["source"] == "webhook"
    assert desk.entries[0].key == "acme:7"


async def test_what_salesforce_lost_is_asked_for_as_a_whole(desk: Desk) -> None:
    records = await desk.tell(an_event(CLIENT, 7).model_copy(update={"source": EventSource.DELIVER}))

    assert [it.whole for it in records] == [True]


async def test_only_so_many_reads_are_under_way_per_connection() -> None:
    under_way = most = 0

    async def count(_: object) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    books = FakeBooks(lambda: datetime(2026, 11, 2, 9, tzinfo=UTC), before=count)
    reads = Reads(books, at_once=3)

    await asyncio.gather(*(reads.fresh((ACME, CLIENT, number)).task for number in range(20)))

    assert most == 3


async def test_an_event_of_a_removed_connection_ends_and_tells_nothing(desk: Desk) -> None:
    desk.books.refused[ACME, INVOICE, 31] = Removed("the connection acme was removed")

    records = await desk.tell(an_event(INVOICE, 31), an_event(INVOICE, 31, nth=1))

    assert records == []
    assert [(it.verdict, it.rule) for it in desk.entries] == [
        (Verdict.IGNORED, "the connection was removed"),
        (Verdict.IGNORED, "the connection was removed"),
    ]
    assert not desk.table
