from decimal import Decimal

import pytest

from app.freshbooks.refused import Garbled, Unreadable
from app.freshbooks.wire.document import MAX_BYTES, document, plain


def test_numbers_keep_their_digits() -> None:
    found = document(b'{"a": 0.1, "b": 12345678901234567890, "c": 1e400}')

    assert found == {"a": Decimal("0.1"), "b": 12345678901234567890, "c": Decimal("1e400")}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 2}}',
        b"[1]",
        b'"text"',
        b"null",
        b'{"a": ' + b"9" * 401 + b"}",
        b'{"a": 1e999999999999999999999}',
        b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a": "' + b"x" * MAX_BYTES + b'"}',
    ],
)
def test_what_passes_a_limit_is_unreadable_for_good(body: bytes) -> None:
    with pytest.raises(Unreadable):
        document(body)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"a": "cut', b"<html>502</html>", b'{"a": "\xff"}', b'{"a": 1} x']
)
def test_what_is_cut_off_or_no_json_may_pass_next_time(body: bytes) -> None:
    with pytest.raises(Garbled):
        document(body)


def test_what_a_record_keeps_is_bounded_in_depth() -> None:
    deep: object = 1
    for _ in range(100):
        deep = [deep]

    with pytest.raises(Unreadable, match="deep"):
        plain(deep)


def test_a_refusal_quotes_nothing() -> None:
    with pytest.raises(Unreadable) as refused:
        document(b'{"canary": 1, "canary": 2}')

    assert "canary" not in str(refused.value)
