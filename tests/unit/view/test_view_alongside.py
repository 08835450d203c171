"""The trace of an invoice shows what other news of its client did to its rows, and to no other's."""

from datetime import UTC, datetime

import pytest

from app.view.happening import Happening
from app.view.store import Store
from app.view.trace import trace
from app.view.under_way import under_way
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.record import Record
from tests.builders.incidents import Life
from tests.builders.records import a_client, a_payment, a_record, an_invoice
from tests.builders.told import an_entry, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
RENAMED = a_record(a_client(organization="Apex"), at=4)
LIVED = [
    a_record(a_client(), at=1),
    a_record(an_invoice(31), at=2),
    a_record(an_invoice(32), at=3),
    RENAMED,
    a_record(a_payment(invoice=32), at=5),
]


@pytest.fixture
async def found(store: Store) -> list[Happening]:
    """The trace of invoice 31, whose client got another name."""
    life = Life()
    await life.live(*LIVED)
    told = [decode(AuditEntry, encode(AuditEntry.model_validate(it, strict=False))) for it in life.entries]
    entries = [*map(heard, LIVED), *told]
    await store.add(stored(entries, NOON), {0: len(entries)})
    return await trace(store, "acme", "invoice", 31)


def heard(it: Record) -> AuditEntry:
    """What fetch said of the event."""
    its = {"object": it.object, "object_id": it.object_id}
    return an_entry(Step.FETCH, Verdict.FETCHED, it.cause, caused=(it.id,), **its)


def test_a_new_name_of_its_client_is_shown_with_event_decision_and_row(found: list[Happening]) -> None:
    steps = {it.entry["step"] for it in found if it.entry["cause"] in {RENAMED.cause, RENAMED.id}}
    rows = [it.entry["result"] for it in found if it.entry["step"] == "deliver"]

    assert steps == {"fetch", "translate"}
    assert sum(it["sobject"] == "Opportunity" for it in rows) == 2


def test_what_became_of_other_invoices_is_not_in_it(found: list[Happening]) -> None:
    sales = {it.entry["result"]["external_id"] for it in found if it.entry["step"] == "deliver"}
    objects = {(it.entry["object"], it.entry["object_id"]) for it in found if it.entry["step"] != "deliver"}

    assert "p7rQW5:32" not in sales
    assert objects == {("client", 7), ("invoice", 31)}


def test_the_rows_of_others_are_not_said_to_wait(found: list[Happening]) -> None:
    assert [*under_way(found)] == []
