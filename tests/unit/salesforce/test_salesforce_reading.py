"""Answers that are broken or hostile take neither the memory nor the stack, and decide nothing."""

import pytest

from app.salesforce.answers.complaints import MOST, complaints
from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import of_reply, of_row
from app.salesforce.wire.reading import DEEPEST, MOST_VALUES, Unreadable, parsed
from app.salesforce.wire.wire import Reply
from streams.domain.errors import Unreachable
from tests.builders.salesforce import a_failed_row, a_reply, an_error


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_what_salesforce_says_is_read() -> None:
    assert parsed(b'[{"id":"001","errors":[]}]') == [{"id": "001", "errors": []}]


@pytest.mark.parametrize("levels", [DEEPEST + 1, 1000, 1_000_000])
def test_an_answer_nested_without_end_is_none(levels: int) -> None:
    with pytest.raises(Unreadable):
        parsed(nested(levels))


def test_as_deep_as_allowed_is_allowed() -> None:
    assert parsed(nested(DEEPEST))


@pytest.mark.parametrize("item", [b"0,", b"[],", b"{},"])
def test_an_answer_of_very_many_values_is_refused_before_it_is_built(item: bytes) -> None:
    with pytest.raises(Unreadable, match="values"):
        parsed(b"[" + item * MOST_VALUES + b"0]")


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"  ", "empty"), (b"\n<html>secret", "a web page or XML, not JSON"), (b'{"secret":', "not JSON")],
)
def test_what_came_instead_of_json_is_told_apart_without_a_word_of_it(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=f"^{told}") as refused:
        parsed(body)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b'{"a":NaN}', b"[1,2"])
def test_what_is_no_json_is_an_answer_that_says_nothing(body: bytes) -> None:
    with pytest.raises(Unreachable):
        Reply(200, {}, body).json()


@pytest.mark.parametrize("body", [nested(900), b"[" + b"{}," * MOST_VALUES + b"0]"])
def test_a_hostile_refusal_is_no_verdict_on_our_rows(body: bytes) -> None:
    assert of_reply(Reply(503, {}, body)).meaning is Meaning.TRANSIENT


def test_of_ten_thousand_errors_in_one_answer_ten_are_read() -> None:
    assert len(list(complaints(a_reply(400, an_error("UNKNOWN_EXCEPTION") * 10_000).body))) == MOST
    xml = "<Errors>" + "<Error><errorCode>X_Y</errorCode>" * 10_000
    assert len(list(complaints(xml.encode()))) == MOST


def test_only_names_are_repeated_where_names_belong() -> None:
    errors = a_failed_row("Erika Mustermann", "no", "Erika Mustermann", "x" * 500, "Name")["errors"]

    refusal = of_row(errors)

    assert (refusal.code, refusal.fields) == ("UNNAMED", ("Name",))
    assert "Erika" not in refusal.reason


def test_fields_that_are_no_list_are_none() -> None:
    errors = [{"statusCode": "STRING_TOO_LONG", "message": None, "fields": {"a": 1}}]

    assert of_row(errors).fields == ()
