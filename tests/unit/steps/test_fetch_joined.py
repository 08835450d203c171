"""What a person decided stands in the record that the decision leads to, however late it comes round."""

import asyncio
from datetime import UTC, datetime

from streams.domain.event import Event, EventSource
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.steps.fetch import Fetch
from streams.steps.reads import Reads
from tests.builders.events import ACME, an_event
from tests.builders.joins import SlowJoins, joined
from tests.builders.records import a_client, an_invoice
from tests.fakes.books import FakeBooks

DECIDED = an_event(ObjectKind.CLIENT, 9, nth=2, action="decided").model_copy(
    update={"source": EventSource.MATCH}
)


async def told(joins: SlowJoins, *events: Event) -> list[Record]:
    books = FakeBooks(lambda: datetime(2026, 11, 2, 9, tzinfo=UTC))
    books.put(ACME, a_client(9))
    books.put(ACME, an_invoice(39, client=9))
    step = Fetch(Reads(books), {}, joins)
    asked = [asyncio.ensure_future(step.ask(event)) for event in events]
    said = [it for event, word in zip(events, asked, strict=True) for it in step(event, await word)]
    return [it for it in said if isinstance(it, Record)]


async def test_the_event_of_a_decision_waits_until_the_decision_has_come_round() -> None:
    joins = SlowJoins(decided={9: joined(7)})

    (record,) = await told(joins, DECIDED)

    assert record.joined == joined(7)
    assert record.client == 9


async def test_it_has_a_record_of_its_own_though_another_event_told_the_same_reading() -> None:
    joins = SlowJoins(decided={9: joined(7)})

    records = await told(joins, an_event(ObjectKind.CLIENT, 9), DECIDED)

    assert [it.cause for it in records] == [an_event(ObjectKind.CLIENT, 9).id, DECIDED.id]
    assert records[-1].joined == joined(7)


async def test_a_client_that_an_invoice_brings_says_whose_account_it_shares() -> None:
    joins = SlowJoins(seen={9: joined(7)})

    records = await told(joins, an_event(ObjectKind.INVOICE, 39))

    assert [(it.object, it.client, it.joined) for it in records] == [
        (ObjectKind.CLIENT, 9, joined(7)),
        (ObjectKind.INVOICE, 9, None),
    ]
