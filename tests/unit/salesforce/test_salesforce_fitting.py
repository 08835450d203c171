"""Rows are made to fit the org: by its describe, never by guess, never through a float."""

from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.shape.describe import shape_of
from app.salesforce.shape.fitting import cut, fitted, number, places
from streams.domain.command import Field, Figure, Lookup
from tests.builders.salesforce import a_field, described

SHAPE = shape_of(
    described(
        "Opportunity",
        a_field("Name", length=20, nillable=False),
        a_field("Email__c", "email", 20),
        a_field("Amount", "currency"),
        a_field("AccountId", "reference", 18, relationshipName="Account"),
        a_field("ContactId", "reference", 18, updateable=False, relationshipName="Contact"),
        a_field("IsWon", "boolean", createable=False, updateable=False),
        a_field("Later__c", createable=False),
        a_field("Invoice__c", length=64, externalId=True),
        a_field("Old__c", length=64, idLookup=True),
    )
)


def fit(**fields: Field) -> tuple[dict[str, Any], tuple[str, ...], set[str]]:
    row: dict[str, Any] = {}
    missing: set[str] = set()
    notes = fitted(fields, SHAPE, row, missing)
    return orjson.loads(orjson.dumps(row)), notes, missing


def test_a_field_that_describe_does_not_name_is_none() -> None:
    shape = shape_of({"name": "Account", "fields": [None, {"type": "string"}, a_field("Name")]})

    assert set(shape.slots) == {"Name"}


def test_what_the_org_has_is_written_as_it_is() -> None:
    row, notes, missing = fit(Name="Maple & Sons", Amount=Figure(figure=Decimal("12.50")), Email__c=None)

    assert row == {"Name": "Maple & Sons", "Amount": 12.5, "Email__c": None}
    assert (notes, missing) == ((), set())


def test_fields_that_are_absent_or_not_ours_to_write_are_left_out() -> None:
    row, _, missing = fit(Name="x", Nowhere__c="y", IsWon=True, ContactId="003000000000001AAA", Later__c="z")

    assert row == {"Name": "x"}
    assert missing == {"Nowhere__c", "IsWon", "ContactId", "Later__c"}


@pytest.mark.parametrize(
    "mail", ["ann", "ann@", "ann@here", "a b@x.example", "a@x.example, b@x.example", "ä@x.de"]
)
def test_what_is_no_e_mail_address_costs_only_itself(mail: str) -> None:
    row, notes, _ = fit(Name="Maple", Email__c=mail)

    assert row == {"Name": "Maple", "Email__c": None}
    assert notes == ("Email__c: left out, no e-mail address that Salesforce takes",)


@pytest.mark.parametrize("mail", ["a@b.co", "o'h+x_1@ma.b-c.de", "A.B@C.ORG"])
def test_an_e_mail_address_is_written_as_it_is(mail: str) -> None:
    row, notes, _ = fit(Email__c=mail)

    assert (row, notes) == ({"Email__c": mail}, ())


def test_text_is_cut_and_said_so() -> None:
    row, notes, _ = fit(Name="Maple & Sons of Upper Canada")

    assert row == {"Name": "Maple & Sons of Uppe"}
    assert notes == ("Name: cut to 20 characters",)


def test_half_an_address_is_no_address() -> None:
    row, notes, _ = fit(Email__c="someone@a-long-host.example")

    assert row == {}
    assert notes == ("Email__c: left out, longer than 20 characters",)


def test_a_parent_is_named_by_its_external_id() -> None:
    row, _, _ = fit(Account=Lookup(external_id_field="Client__c", external_id="A:1"))

    assert row == {"Account": {"Client__c": "A:1"}}


def test_an_empty_reference_is_not_sent() -> None:
    assert fit(Account=Lookup(external_id_field="Client__c", external_id=""))[0] == {}


def test_a_parent_is_cleared_through_its_id_field() -> None:
    assert fit(Account=None)[0] == {"AccountId": None}


def test_a_required_field_is_never_cleared() -> None:
    assert fit(Name=None)[0] == {}


def test_rows_can_be_upserted_by_external_ids_and_lookup_fields_alone() -> None:
    assert SHAPE.keys == {"Invoice__c", "Old__c"}


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.1", b"0.1"),
        ("-0.00", b"0"),
        ("1E+3", b"1000"),
        ("9007199254740993.01", b"9007199254740993.01"),
        ("1E-7", b"0.0000001"),
    ],
)
def test_money_is_written_digit_by_digit(amount: str, written: bytes) -> None:
    assert number(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("text", "length", "kept"),
    [
        ("Zoe\u0301s", 3, "Zo"),
        ("ab👍🏽c", 5, "ab"),
        ("ab👍🏽c", 6, "ab👍🏽"),
        ("a👨‍👩‍👧b", 8, "a"),
        ("🇨🇦🇫🇷", 6, "🇨🇦"),
        ("𝄞𝄞", 3, "𝄞"),
        ("e\u0301\u0301\u0301", 2, "e\u0301"),
    ],
)
def test_a_cut_goes_between_characters(text: str, length: int, kept: str) -> None:
    assert cut(text, length) == kept


@given(st.text(), st.integers(1, 40))
def test_a_cut_is_a_start_of_the_text_that_fits(text: str, length: int) -> None:
    kept = cut(text, length)

    assert text.startswith(kept)
    assert places(kept) <= length
    assert kept == text or len(text) > len(kept)
