"""Of a copied history the log answers in the place of FreshBooks, with what was read once."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.domain.event import EventSource
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.steps.fetch import Fetch
from streams.steps.reads import Reads
from tests.builders.events import ACME, an_event
from tests.builders.records import a_client, an_invoice
from tests.fakes.books import FakeBooks

MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
CLIENT, INVOICE = ObjectKind.CLIENT, ObjectKind.INVOICE


@pytest.mark.parametrize(("kind", "number"), [(CLIENT, 7), (INVOICE, 31)])
async def test_what_an_org_loses_a_second_time_is_demanded_anew_though_the_log_tells_the_same(
    kind: ObjectKind, number: int
) -> None:
    clock = iter(MORNING + timedelta(seconds=second) for second in range(60))
    books = FakeBooks(lambda: next(clock))
    books.put(ACME, a_client(7))
    books.put(ACME, an_invoice(31, client=7))
    books.copied = MORNING
    step = Fetch(Reads(books), {})
    its = {"source": EventSource.SHARED, "nonce": "0" * 15 + "1"}

    told = list[Record]()
    for nth in range(2):
        event = an_event(kind, number, nth=nth).model_copy(update=its)
        *_, record, _ = step(event, await step.ask(event))
        assert isinstance(record, Record)
        told.append(record)

    first, second = told
    assert first.version == second.version
    assert second.nonce > first.nonce
