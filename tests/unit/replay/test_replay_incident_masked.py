"""An incident may be given away: nothing of a person, an account or a firm is in it."""

import asyncio
import re
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replay.incident.disguise import Scale, Texts
from app.replay.incident.gathered import Gathered, gathered
from app.replay.incident.mapping import Unmaskable
from app.replay.incident.mask import Mask
from app.replay.incident.written import as_test, notes
from streams.domain.connection import Connection
from streams.domain.record import Record
from streams.domain.snapshot import Invoice, Payment
from tests.builders.canary_records import CONNECTION, SECRETS, rich
from tests.builders.incidents import lived
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, MORNING, a_client, a_payment, a_record, an_invoice

SECRET = b"a secret of this test"


def exported(records: tuple[Record, ...], connection: Connection, entries: list[dict[str, Any]]) -> Gathered:
    return asyncio.run(gathered(connection, records, entries, SECRET))


def test_no_canary_of_a_record_a_mapping_or_an_answer_is_in_the_file() -> None:
    life = lived(rich(), connection=CONNECTION)
    for entry in life.entries:
        if entry["result"] and entry["verdict"] == "applied":
            entry["result"]["salesforce_id"] = "001Dn00000AbCdEIAV"
        if entry["result"] and entry["result"]["sobject"] == "Contact":
            entry["verdict"] = "parked"
            entry["result"] |= {"code": "Canary code", "fields": ["Canary_Region__c", "Name"]}
    life.entries.append(
        {
            "step": "fetch",
            "verdict": "fetched",
            "cause": "canary-event-1",
            "caused": [],
            "object": "invoice",
            "object_id": 15162342,
            "details": {
                "received_at": MORNING.isoformat(),
                "source": "webhook",
                "action": "canary-action",
                "webhook": {"callback": "canary-callback", "body": "canary-body", "signature": "canary"},
            },
        }
    )

    text = as_test(exported(rich(), CONNECTION, life.entries))

    assert [secret for secret in SECRETS if secret in text] == []
    assert "ca7a57e0" not in text


def test_every_field_of_a_snapshot_is_decided_about_and_only_what_nobody_reads_stays_at_home() -> None:
    mask = Mask(SECRET, rich(), CONNECTION)

    for record in rich():
        masked = mask.record(record).snapshot
        left_out = {*type(masked).model_fields} - masked.model_fields_set
        assert left_out - {"kind"} == {"more"} & {*type(masked).model_fields}


def test_what_decides_is_kept() -> None:
    invoice = an_invoice(status="partial", paid="40.00", due_on=date(2026, 11, 30))

    masked = Mask(SECRET, [a_record(invoice)], A_CONNECTION).record(a_record(invoice))

    assert isinstance(masked.snapshot, Invoice)
    kept = (masked.snapshot.status, masked.snapshot.due_on, masked.snapshot.amount.currency, masked.read_at)
    assert kept == ("partial", date(2026, 11, 30), "CAD", MORNING)


def test_ids_keep_their_order() -> None:
    records = [a_record(an_invoice(number), at=number) for number in (90, 31, 77)]
    mask = Mask(SECRET, records, A_CONNECTION)

    assert [mask.record(it).object_id for it in records] == [3, 1, 2]


def test_masked_sums_still_add_up() -> None:
    invoice, payment = an_invoice(amount="100.00", paid="40.00"), a_payment(amount="40.00")
    mask = Mask(SECRET, [a_record(invoice), a_record(payment)], A_CONNECTION)

    its, money = mask.record(a_record(invoice)).snapshot, mask.record(a_record(payment)).snapshot

    assert isinstance(its, Invoice)
    assert isinstance(money, Payment)
    assert its.paid.amount + its.outstanding.amount == its.amount.amount
    assert money.amount == its.paid


def test_the_same_value_is_masked_alike_wherever_it_stands() -> None:
    records = [a_record(a_client()), a_record(an_invoice())]
    client, invoice = (
        orjson.loads(Mask(SECRET, records, A_CONNECTION).record(it).model_dump_json())["snapshot"]
        for it in records
    )

    assert client["organization"] == invoice["organization"] != "Acme"


MAPPED = {
    "a text that is compared": "X__c = \"{{ 'near' if client.billing_city == 'Toronto' else 'far' }}\"",
    "a currency": "X__c = \"{{ sums.owed['CAD'] }}\"",
    "a state": "X__c = \"{{ 'ok' if sums.payment_status == 'partial' else 'no' }}\"",
    "a filter": "X__c = \"{{ client.phone | replace('555', 'x') | truncate(8) | default('none') }}\"",
    "a literal date": "X__c = { literal = 2026-10-01 }",
    "another instead of nothing": 'X__c = { from = "client.fax", else = "no \\"fax\\"" }',
    "an exact number": "X__c = '{{ sums.invoice_count * 0.15 }}'",
}


@pytest.mark.parametrize("line", MAPPED.values(), ids=MAPPED.keys())
def test_a_mapping_that_is_masked_still_decides_as_it_did(line: str) -> None:
    connection = A_CONNECTION.model_copy(update={"mapping": a_mapping(account=line)})
    records = (a_record(a_client()), a_record(an_invoice(paid="40.00"), at=1))

    found = exported(records, connection, lived(records, connection=connection).entries)

    assert notes(found) == []
    assert found.incident.connection.mapping != connection.mapping


def test_a_text_that_a_mapping_compares_with_is_found_again() -> None:
    connection = A_CONNECTION.model_copy(
        update={"mapping": a_mapping(account=MAPPED["a text that is compared"])}
    )
    records = (a_record(a_client()), a_record(a_client(organization="Moved"), at=1))

    incident = exported(records, connection, []).incident

    texts = re.findall(r'\\"([a-z]+)\\"', incident.connection.mapping)
    rows = [row for it in incident.decided for row in it.rows if row["sobject"] == "Account"]
    assert [[text for text in texts if text in str(row)] for row in rows] == [[texts[0]], [texts[0]]]


def test_a_mapping_that_looks_into_a_text_is_told_when_that_changes_what_is_decided() -> None:
    mapping = a_mapping(when="\"{{ client.last_name | truncate(1) == 'L' }}\"")
    connection = A_CONNECTION.model_copy(update={"mapping": mapping})
    records = (a_record(a_client()),)

    found = exported(records, connection, lived(records, connection=connection).entries)

    assert notes(found) == [
        "Masking changed what is decided: the mapping looks into a text or weighs an amount."
    ]


def test_a_mapping_that_does_not_work_without_its_texts_is_refused() -> None:
    mapping = a_mapping(account="X__c = \"{{ '2026-01-01' | plus_days(1) }}\"")
    connection = A_CONNECTION.model_copy(update={"mapping": mapping})

    with pytest.raises(Unmaskable, match="the mapping does not work once its texts are masked"):
        exported((a_record(a_client()),), connection, [])


@given(st.text(max_size=200))
def test_a_disguise_is_as_long_as_the_text_and_always_the_same(text: str) -> None:
    texts = Texts(SECRET)

    assert len(texts[text]) == len(text)
    assert texts[text] == Texts(SECRET)[text]
    assert not any(true == here and true.isalnum() for true, here in zip(text, texts[text], strict=True))


@given(st.sets(st.from_regex(r"[0-9]{3,6}", fullmatch=True), max_size=40))
def test_different_numbers_have_different_disguises(numbers: set[str]) -> None:
    texts = Texts(SECRET)

    assert len({texts[it] for it in sorted(numbers)}) == len(numbers)


@given(st.lists(st.decimals(-(10**20), 10**20, places=2), max_size=9))
def test_scaled_amounts_add_up_to_the_scaled_sum(amounts: list[Decimal]) -> None:
    scale = Scale(SECRET)

    assert sum(map(scale, amounts), Decimal(0)) == scale(sum(amounts, Decimal(0)))
