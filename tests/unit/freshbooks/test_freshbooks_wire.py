import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.freshbooks.refused import Unreadable
from app.freshbooks.wire.document import document
from app.freshbooks.wire.reading import reading
from streams.codec import decode, encode
from streams.domain.identity import ObjectKind
from streams.domain.snapshot import Client, Invoice, Payment, Visibility
from tests.builders.freshbooks import a_client, a_line, a_payment, an_invoice, money

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures" / "freshbooks"
READ_AT = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
NBSP = "\u00a0"


def client(**given: Any) -> Client:
    found = reading(ObjectKind.CLIENT, a_client(**given), READ_AT).snapshot
    assert isinstance(found, Client)
    return found


def invoice(**given: Any) -> Invoice:
    found = reading(ObjectKind.INVOICE, an_invoice(**given), READ_AT).snapshot
    assert isinstance(found, Invoice)
    return found


def payment(**given: Any) -> Payment:
    found = reading(ObjectKind.PAYMENT, a_payment(**given), READ_AT).snapshot
    assert isinstance(found, Payment)
    return found


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")
@pytest.mark.parametrize(
    ("file", "name", "kind", "model"),
    [
        ("client_get", "client", ObjectKind.CLIENT, Client),
        ("clients_list", "clients", ObjectKind.CLIENT, Client),
        ("invoice_get_with_lines", "invoice", ObjectKind.INVOICE, Invoice),
        ("invoices_list", "invoices", ObjectKind.INVOICE, Invoice),
        ("payments_list", "payments", ObjectKind.PAYMENT, Payment),
    ],
)
def test_every_recorded_object_is_read_whole_and_survives_our_wire(
    file: str, name: str, kind: ObjectKind, model: type[Client | Invoice | Payment]
) -> None:
    found = document((FIXTURES / f"{file}.json").read_bytes())["response"]["result"][name]
    objects = found if isinstance(found, list) else [found]

    snapshots = [reading(kind, each, READ_AT).snapshot for each in objects]

    assert len(snapshots) >= 1
    assert [decode(model, encode(each)) for each in snapshots] == snapshots


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")
def test_the_recorded_invoice_keeps_its_27_digits_and_its_lines() -> None:
    raw = document((FIXTURES / "invoice_get_with_lines.json").read_bytes())

    found = reading(ObjectKind.INVOICE, raw["response"]["result"]["invoice"], READ_AT).snapshot

    assert isinstance(found, Invoice)
    assert found.more["net_paid_amount"] == {"amount": "7.60133524082021936099189318", "code": "CAD"}
    assert found.lines is not None
    assert [(line.name, line.quantity, line.tax_percent_1) for line in found.lines] == [
        ("Bowls", Decimal(4), Decimal(13)),
        ("Mugs", Decimal(6), Decimal(0)),
    ]


def test_blank_null_and_missing_text_are_one() -> None:
    spare = {k: v for k, v in a_client().items() if k not in {"fname", "lname", "email"}}

    blank = client(fname="", lname=None)
    missing = reading(ObjectKind.CLIENT, spare, READ_AT).snapshot

    assert (blank.first_name, blank.last_name) == ("", "")
    assert isinstance(missing, Client)
    assert missing.email == ""


def test_a_number_where_text_is_meant_is_its_text() -> None:
    assert client(p_code=20095).billing.postal_code == "20095"


def test_ids_come_under_either_of_their_names() -> None:
    renamed = {k: v for k, v in an_invoice().items() if k != "id"}

    found = reading(ObjectKind.INVOICE, renamed, READ_AT).snapshot

    assert isinstance(found, Invoice)
    assert found.id == 987654


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("0.1", "0.1"),
        ("0.10", "0.10"),
        (12, "12"),
        (Decimal("12.5"), "12.5"),
        ("-4.40", "-4.40"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("1e2", "100"),
        ("7.60133524082021936099189318", "7.60133524082021936099189318"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
    ],
)
def test_an_amount_keeps_every_digit(sent: Any, meant: str) -> None:
    found = invoice(amount=money(sent)).amount.amount

    assert str(found) == meant


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**25), max_value=10**25))
def test_any_amount_survives_from_freshbooks_text_to_our_wire(amount: Decimal) -> None:
    found = invoice(amount=money(str(amount)))

    assert decode(Invoice, encode(found)).amount.amount == amount


@pytest.mark.parametrize(
    "sent",
    [
        "1e400",
        "1e99",
        "1" * 41,
        "NaN",
        "Infinity",
        "1,000.00",
        "1_000",
        "\uff11\uff12",
        "",
        None,
        True,
        [],
        "12 USD",
    ],
)
def test_an_amount_that_cannot_be_held_is_no_guess(sent: Any) -> None:
    with pytest.raises(Unreadable, match="amount"):
        invoice(amount=money(sent))


def test_an_amount_without_currency_has_the_invoices() -> None:
    assert invoice(paid={"amount": "1.00"}, currency_code="cad").paid.currency == "CAD"


def test_an_unreadable_answer_names_the_field_and_never_its_value() -> None:
    with pytest.raises(Unreadable) as refused:
        invoice(due_date="canary-2026", customerid="canary")

    assert "due_date" in str(refused.value)
    assert "customerid" in str(refused.value)
    assert "canary" not in str(refused.value)
    assert refused.value.code == "unreadable-answer"


@pytest.mark.parametrize("customer", [0, -1, 2**63, "1e3", " 1x", "1;drop", 1.5, True, None, "9" * 40])
def test_an_id_is_a_positive_whole_number(customer: Any) -> None:
    with pytest.raises(Unreadable, match="customerid"):
        invoice(customerid=customer)


def test_an_invoice_changed_when_its_version_says() -> None:
    found = reading(ObjectKind.INVOICE, an_invoice(), READ_AT)

    assert found.changed_at == datetime(2026, 6, 29, 16, 52, 44, 256995, tzinfo=UTC)


@pytest.mark.parametrize("version", [None, ""])
def test_an_invoice_without_version_changed_when_updated_says(version: Any) -> None:
    found = reading(ObjectKind.INVOICE, an_invoice(version=version), READ_AT)

    assert found.changed_at == datetime(2026, 6, 29, 16, 52, 44, tzinfo=UTC)


def test_eastern_time_follows_daylight_saving() -> None:
    winter = reading(ObjectKind.CLIENT, a_client(updated="2026-01-15 12:00:00"), READ_AT)

    assert winter.changed_at == datetime(2026, 1, 15, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize("stamp", ["9999-12-31 23:59:59", "0001-01-01T00:00:00+14:00", "today"])
def test_a_stamp_that_no_calendar_holds_is_no_guess(stamp: str) -> None:
    with pytest.raises(Unreadable, match="updated"):
        reading(ObjectKind.CLIENT, a_client(updated=stamp), READ_AT)


def test_the_hour_that_comes_twice_is_one_moment() -> None:
    early, late = (
        reading(ObjectKind.CLIENT, a_client(updated=f"2026-11-01 01:{minute}:00"), READ_AT).changed_at
        for minute in ("05", "55")
    )

    assert early == late


def test_an_object_without_a_stamp_is_dated_by_its_reading() -> None:
    assert reading(ObjectKind.PAYMENT, a_payment(updated=None), READ_AT).changed_at == READ_AT


@pytest.mark.parametrize("state", [1, "1"])
def test_a_deleted_object_is_dated_by_its_reading(state: Any) -> None:
    found = reading(ObjectKind.PAYMENT, a_payment(vis_state=state), READ_AT)

    assert isinstance(found.snapshot, Payment)
    assert found.snapshot.visibility is Visibility.DELETED
    assert found.changed_at == READ_AT


def test_an_archived_object_is_dated_as_any_other() -> None:
    found = reading(ObjectKind.PAYMENT, a_payment(vis_state=2), READ_AT)

    assert found.changed_at < READ_AT - timedelta(days=1)


def test_no_lines_key_does_not_mean_no_lines() -> None:
    assert invoice().lines is None
    assert invoice(lines=[]).lines == ()


def test_what_has_no_name_of_ours_stays_in_more() -> None:
    found = invoice(terms="net 30", discount={"rate": Decimal("0.5")}, lines=[a_line(taxNumber1="RT")])

    assert found.more["terms"] == "net 30"
    assert found.more["discount"] == {"rate": "0.5"}
    assert found.more["lines"] == [{"taxNumber1": "RT"}]


@pytest.mark.parametrize(
    ("v3", "number", "meant"),
    [
        ("partial", 2, "partial"),
        ("deposit_paid", 4, "deposit-paid"),
        (None, 8, "partial"),
        (None, 0, "disputed"),
        ("", None, ""),
    ],
)
def test_the_status_is_v3s_or_what_the_old_number_means(v3: Any, number: Any, meant: str) -> None:
    assert invoice(v3_status=v3, status=number).status == meant


@pytest.mark.parametrize("word", ["void", "voided"])
def test_a_voided_invoice_counts_as_a_deleted_one(word: str) -> None:
    """FreshBooks documents no such state; should one come, nobody is to be shown money that nobody owes."""
    shown = invoice(v3_status=word)

    assert (shown.visibility, shown.status) == (Visibility.DELETED, word)
    assert invoice(v3_status="sent").visibility is Visibility.ACTIVE


def test_an_invoice_without_a_date_was_made_on_the_day_it_was_entered() -> None:
    found = invoice(create_date=None, created_at="2026-06-30 23:30:00")

    assert found.created_on == date(2026, 6, 30)


def test_a_date_of_zeroes_is_none() -> None:
    assert invoice(date_paid="0000-00-00").paid_on is None


def test_half_a_character_becomes_the_replacement_character() -> None:
    found = client(organization="caf\ud83d", more_of_it={"x\udc00": ["\ud800"]})

    assert found.organization == "caf\ufffd"
    assert json.loads(encode(found))["more"]["more_of_it"] == {"x\ufffd": ["\ufffd"]}


def test_text_of_every_script_and_length_is_kept() -> None:
    note = "Zoë 株式会社 🧾 \u202e=HYPERLINK()<b>" + "x" * 300_000 + NBSP

    assert client(note=note).note == note


def test_a_payment_type_that_nobody_knows_is_kept() -> None:
    assert payment(type="Barter").type == "Barter"


def test_a_payment_for_no_invoice_is_no_guess() -> None:
    with pytest.raises(Unreadable, match="invoiceid"):
        payment(invoiceid=None)
