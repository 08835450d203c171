import time
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.freshbooks.form import (
    BadForm,
    DuplicateField,
    FieldTooLong,
    NotUtf8,
    NulCharacter,
    TooManyFields,
    parse,
)

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(TEXT, TEXT, max_size=20))
def test_what_a_form_encodes_is_what_is_read_in_the_same_order(form: dict[str, str]) -> None:
    assert list(parse(urlencode(form).encode()).items()) == list(form.items())


@given(st.text(st.sampled_from("ab=&+%20%C3%A9;?"), max_size=60))
def test_odd_bodies_are_read_as_pythons_own_parser_reads_them(body: str) -> None:
    try:
        found = parse(body.encode())
    except BadForm:
        return
    assert list(found.items()) == parse_qsl(body, keep_blank_values=True, errors="strict")


def test_blank_values_are_kept() -> None:
    assert parse(b"name=&object_id=1") == {"name": "", "object_id": "1"}


def test_plus_and_percent_twenty_are_both_a_space() -> None:
    assert parse(b"a=x+y&b=x%20y") == {"a": "x y", "b": "x y"}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"object_id=1&object_id=2", DuplicateField),
        (b"object_id=1&object%5Fid=1", DuplicateField),
        (b"a=%ED%A0%80", NotUtf8),
        (b"a=%ff", NotUtf8),
        (b"a=\xff", NotUtf8),
        (b"%ff=a", NotUtf8),
        (b"a=%00", NulCharacter),
        (b"a%00=1", NulCharacter),
        (b"a=\0", NulCharacter),
        (b"k" * 65_000 + b"=1", FieldTooLong),
        (b"a=" + b"v" * 10_000, FieldTooLong),
        (b"&".join(b"k%d=1" % n for n in range(65)), TooManyFields),
        (b"&" * 60_000, TooManyFields),
    ],
)
def test_what_freshbooks_would_never_send_is_refused_by_name(body: bytes, error: type[BadForm]) -> None:
    with pytest.raises(error):
        parse(body)


def test_a_flood_of_fields_costs_less_than_five_milliseconds() -> None:
    body = b"&".join(b"k%d=1" % n for n in range(100_000))
    began = time.process_time()

    with pytest.raises(TooManyFields):
        parse(body)

    assert time.process_time() - began < 0.005


def test_a_refusal_quotes_nothing_of_the_body() -> None:
    with pytest.raises(DuplicateField) as refused:
        parse(b"canary=1&canary=2")

    assert "canary" not in str(refused.value)
