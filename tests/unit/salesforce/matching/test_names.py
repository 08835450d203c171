"""One name, phone or address, written in many ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.matching.names import digits, mailbox, same_name, words
from app.salesforce.matching.terms import name_pattern, spellings
from tests.builders.soql_like import meets


@pytest.mark.parametrize(
    "other",
    [
        "ACME WIDGETS",
        "Acme Widgets, Inc.",
        "Acme Widgets LLC",
        "acme widgets gmbh",
        "Acme Widgets Ltd",
        "Acme-Widgets",
        "The Acme Widgets Company",
        "A.C.M.E. Widgets",
        "Ácme Wídgets S.A.",
    ],
)
def test_a_name_is_the_same_however_it_is_written(other: str) -> None:
    assert same_name("Acme Widgets", other)


@pytest.mark.parametrize("other", ["Acme", "Acme Gadgets", "Widgets Acme", ""])
def test_another_name_is_another(other: str) -> None:
    assert not same_name("Acme Widgets", other)


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert not same_name("", "")
    assert not same_name("...", "!!!")


def test_a_name_of_nothing_but_legal_forms_keeps_them() -> None:
    assert words("Co. Ltd.") == ("co", "ltd")


@given(st.text(max_size=40), st.text(max_size=40))
def test_sameness_does_not_depend_on_who_is_asked(one: str, other: str) -> None:
    assert same_name(one, other) == same_name(other, one)


@pytest.mark.parametrize("other", ["(416) 555-0142", "+1 416 555 0142", "416.555.0142", "1-416-555-0142"])
def test_a_phone_is_its_last_ten_digits(other: str) -> None:
    assert digits("416-555-0142") == digits(other) == "4165550142"


def test_too_few_digits_are_no_phone() -> None:
    assert digits("ext. 42") == ""
    assert spellings("911") == ()


def test_an_address_has_one_case_and_an_at_sign() -> None:
    assert mailbox(" Ann@Acme.example ") == "ann@acme.example"
    assert mailbox("ann at acme") == ""


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Acme Widgets Inc.", "ACME WIDGETS"),
        ("Müller GmbH", "Muller"),
        ("Muller", "Müller & Söhne"),
        ("Acme, Widgets", "Acme Widgets LLC"),
        ("Ann Lee", "ann lee"),
        ("Bo Ax", "Bo Ax Ltd"),
    ],
)
def test_an_org_is_asked_for_a_name_by_a_pattern_that_meets_its_other_spellings(
    name: str, other: str
) -> None:
    pattern = name_pattern(name)

    assert pattern is not None
    assert meets(other, pattern)


@pytest.mark.parametrize("name", ["", "!!!", "The"])
def test_a_name_that_says_too_little_is_not_asked_for_by_a_pattern(name: str) -> None:
    pattern = name_pattern(name)

    assert pattern is None or len(pattern.strip("%_")) >= 3
