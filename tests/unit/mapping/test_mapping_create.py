"""What a row gets only when it is made."""

import pytest

from streams.mapping.flaws import BadMapping
from streams.mapping.reading import accepted, default_text
from streams.mapping.row import content
from tests.builders.mappings import account_of, opportunity_of
from tests.builders.records import an_invoice


def with_create(sobject: str, *lines: str) -> str:
    return default_text() + f"\n[{sobject}.create]\n" + "\n".join(lines) + "\n"


def test_values_for_new_rows_are_no_fields_of_the_row() -> None:
    row = account_of(with_create("account", 'OwnerId = { literal = "005A" }', 'Site = "client.id"'))

    assert row
    assert row.defaults == {"OwnerId": "005A", "Site": "7"}
    assert not {"OwnerId", "Site"} & row.fields.keys()


def test_a_changed_default_rewrites_no_row() -> None:
    before, after = (
        account_of(with_create("account", f'OwnerId = {{ literal = "{owner}" }}')) for owner in ("A", "B")
    )

    assert before
    assert after
    assert before.defaults != after.defaults
    assert content(before) == content(after)


def test_what_nothing_is_known_of_stays_the_orgs_own_default() -> None:
    row = opportunity_of(with_create("opportunity", 'NextStep = "invoice.po_number"'), an_invoice())

    assert row
    assert row.defaults == {}


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        ('Name = "client.id"', "account.create.Name", "is the same field as Name"),
        ('phone = "client.id"', "account.create.phone", "is the same field as Phone"),
        ('Site = "client.nothing"', "account.create.Site", "is no fact"),
        ('Site = "{{ 1 / sums.open_count }}"', "account.create.Site", "division by zero"),
        ('Id = "client.id"', "account.create.Id", "is written by Freshforce itself"),
    ],
)
def test_a_line_that_cannot_work_is_named(line: str, key: str, says: str) -> None:
    with pytest.raises(BadMapping) as refused:
        accepted(with_create("account", line))

    assert key in str(refused.value)
    assert says in str(refused.value)
