from typing import Any

import pytest

from app.salesforce.setup.fields import DECLARED, CustomField, Kind
from app.salesforce.setup.fit import Actual, described, misfits, told
from app.sandbox.salesforce import Profile
from tests.builders.salesforce import a_field


def of_kind(kind: Kind, *, key: bool = False) -> CustomField:
    return next(field for field in DECLARED if field.kind is kind and field.key is key)


def says(field: CustomField, actual: Actual) -> list[str]:
    return [each.says for each in misfits(field, actual)]


@pytest.mark.parametrize("field", DECLARED, ids=lambda field: field.full_name)
def test_a_field_made_as_declared_fits(field: CustomField) -> None:
    assert says(field, told(field.metadata)) == []


def test_the_prepared_sandbox_is_what_we_declare() -> None:
    objects = Profile.named("billing").with_(line_items=True).objects()

    held = {
        f"{name}.{field.name}": field
        for name in {field.sobject.value for field in DECLARED}
        for field in objects[name].fields.values()
        if field.custom
    }
    assert held.keys() == {field.full_name for field in DECLARED}
    for field in DECLARED:
        there = held[field.full_name]
        assert (there.label, there.unique, there.external_id) == (field.label, field.key, field.key)


@pytest.mark.parametrize(
    ("kind", "seen", "wrong"),
    [
        (Kind.EMAIL, a_field("X", "string", 80), ["is of type Text, not Email"]),
        (Kind.LONG_TEXT, a_field("X", "textarea", 255), ["is of type TextArea, not LongTextArea"]),
        (Kind.LONG_TEXT, a_field("X", "textarea", 131_072), []),
        (Kind.DATE, a_field("X", "datetime"), ["is of type Datetime, not Date"]),
        (Kind.NUMBER, a_field("X", "double", precision=18, scale=4), ["is a number(18, 4), not (18, 2)"]),
        (Kind.NUMBER, a_field("X", "double", precision=16, scale=0), ["is a number(16, 0), not (18, 2)"]),
        (Kind.NUMBER, a_field("X", "currency", precision=18, scale=2), ["is of type Currency, not Number"]),
        (Kind.TEXT, a_field("X", "string", 255), []),
        (Kind.TEXT, a_field("X", "string", 255, nillable=False), ["is required"]),
    ],
)
def test_each_difference_is_named(kind: Kind, seen: dict[str, Any], wrong: list[str]) -> None:
    assert says(of_kind(kind), described(seen)) == wrong


@pytest.mark.parametrize(
    ("flags", "wrong"),
    [
        ({"externalId": True, "unique": True, "caseSensitive": True}, []),
        ({"externalId": True, "unique": True}, ["takes a:1 and A:1 for the same"]),
        ({"externalId": True}, ["is not unique: rows could double"]),
        ({"unique": True, "caseSensitive": True}, ["is no external id"]),
    ],
)
def test_a_key_must_be_one(flags: dict[str, bool], wrong: list[str]) -> None:
    assert says(of_kind(Kind.TEXT, key=True), described(a_field("X", "string", 64, **flags))) == wrong


def test_a_wrong_length_is_mended_by_the_right_one() -> None:
    found = list(misfits(of_kind(Kind.TEXT), Actual("Text", 10)))

    assert [each.mend for each in found] == [f"change its length to {of_kind(Kind.TEXT).length}"]


def test_labels_and_names_are_short_enough_for_salesforce() -> None:
    assert all(len(field.label) <= 40 and len(field.name) <= 43 for field in DECLARED)
    assert all(len(field.description) <= 1000 for field in DECLARED)


def test_a_field_is_spelled_as_on_an_admins_screen() -> None:
    assert of_kind(Kind.TEXT, key=True).spelled == "Text(64), unique external id"
    assert of_kind(Kind.NUMBER).spelled == "Number(16, 2)"
    assert of_kind(Kind.EMAIL).spelled == "Email"
