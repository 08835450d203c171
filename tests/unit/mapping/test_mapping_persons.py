"""Clients whose Account is a person: the table [person_account]."""

from typing import Any

import pytest

from streams.domain.command import SObject
from streams.domain.version import Version
from streams.ledger.facts import ClientFacts
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage
from streams.mapping.flaws import BadMapping
from streams.mapping.reading import accepted, default_text
from streams.mapping.row import Row
from streams.mapping.rows import account, contact
from tests.builders.mappings import SEVEN, rules_of
from tests.builders.records import a_client

PERSONS = """
[person_account.fields]
FirstName = "client.contact_first_name"
LastName = "client.contact_last_name"
PersonEmail = "client.email"
phone = "client.mobile_phone"

[person_account.create]
RecordTypeId = { literal = "012A" }
"""


def rows(text: str, **said: Any) -> tuple[Row, Row | None]:
    """Return a client's Account and Contact."""
    page = ClientPage(ClientFacts.of(Version("1"), a_client(**said)))
    row = account(rules_of(text), SEVEN, page, Head())
    assert row
    return row, contact(rules_of(text), SEVEN, page, Head())


def test_a_client_without_an_organization_is_a_person_account_with_the_roll_ups_and_no_contact() -> None:
    row, person = rows(default_text() + PERSONS, organization="", first_name="Ann", last_name="Lee")

    assert (row.sobject, row.fields["LastName"], row.fields["FirstName"]) == (SObject.ACCOUNT, "Lee", "Ann")
    assert {"FreshBooks_Outstanding__c", "BillingCity", "PersonEmail", "phone"} <= row.fields.keys()
    assert "Phone" not in row.fields
    assert row.defaults == {"RecordTypeId": "012A"}
    assert person is None


def test_a_client_with_an_organization_is_a_business_account_as_ever() -> None:
    assert rows(default_text() + PERSONS, organization="Acme") == rows(default_text(), organization="Acme")


def test_without_the_table_nobody_is_a_person_account() -> None:
    row, person = rows(default_text(), organization="", first_name="Ann", last_name="Lee")

    assert "LastName" not in row.fields
    assert person


def test_what_the_shipped_file_suggests_works_once_its_marks_are_taken_away() -> None:
    before, mark, rest = default_text().partition("# [person_account]")
    suggested, contact_table, after = rest.partition("[contact]")
    lines = [line.lstrip("# ") for line in (mark + suggested).splitlines()]

    row, _ = rows("\n".join([before, *lines, contact_table + after]), organization="")

    assert (row.fields["LastName"], row.defaults) == ("Lee", {"RecordTypeId": "012…"})


def test_who_cannot_be_named_is_a_business_account() -> None:
    row, _ = rows(default_text() + PERSONS, organization="", first_name="", last_name="", email="")

    assert "LastName" not in row.fields


def test_who_is_a_person_is_the_mappings_to_say() -> None:
    text = default_text() + '\n[person_account]\nwhen = "client.has_person"\n' + PERSONS

    assert "LastName" in rows(text, organization="Acme", last_name="Lee")[0].fields


@pytest.mark.parametrize(
    ("lines", "key", "says"),
    [
        (
            '[person_account.fields]\nFirstName = "client.email"',
            "person_account.fields",
            "LastName is missing",
        ),
        (
            '[person_account.fields]\nLastName = "client.last_name"\nFax = "{{ client.first_name + 1 }}"',
            "person_account.fields.Fax",
            "for a person",
        ),
        ("[person_account]\nwhat = 1", "person_account.what", "is no key here"),
        (PERSONS + 'Phone = "client.id"', "person_account.create.Phone", "is the same field as phone"),
        (
            '[person_account]\nwhen = "client.email"' + PERSONS,
            "person_account.when",
            "neither true nor false",
        ),
        (
            '[person_account]\nwhen = true\n[person_account.fields]\nLastName = "client.last_name"',
            "person_account.fields.LastName",
            "Salesforce takes no Account without it",
        ),
    ],
)
def test_a_table_that_cannot_work_is_told(lines: str, key: str, says: str) -> None:
    with pytest.raises(BadMapping) as refused:
        accepted(default_text() + "\n" + lines)

    assert key in str(refused.value)
    assert says in str(refused.value)
