import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from streams.domain.identity import (
    ClientId,
    Connected,
    ConnectionName,
    ObjectKind,
    client_key,
    digest,
    object_key,
)

PARTS = st.lists(st.text(), min_size=1, max_size=4)


def test_an_id_is_32_hex_digits_and_never_changes() -> None:
    assert digest("event", "acme", "1") == "d6fe5da5883d5ffb1120d2be8fe5cd15"
    assert re.fullmatch(r"[0-9a-f]{32}", digest("event"))


@given(PARTS, PARTS)
def test_the_same_parts_and_only_they_have_the_same_id(one: list[str], other: list[str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_where_a_part_ends_makes_a_difference() -> None:
    assert digest("a", "bc") != digest("ab", "c")
    assert digest("1:a", "") != digest("", "1:a")


def test_keys_say_what_shares_its_order() -> None:
    acme = ConnectionName("acme")

    assert object_key(acme, ObjectKind.INVOICE, 7) == "acme:invoice:7"
    assert client_key(acme, ClientId(7)) == "acme:7"


@given(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True),
    st.from_regex(r"[a-z0-9-]{1,63}", fullmatch=True),
)
def test_no_two_connections_share_a_key(one: str, other: str) -> None:
    keys = {object_key(ConnectionName(name), ObjectKind.CLIENT, 1) for name in (one, other)}

    assert (len(keys) == 1) == (one == other)


@pytest.mark.parametrize("name", ["", "Acme", "a b", "-acme", "a:b", "a/b", "..", "acme\n", "é", "a" * 64])
def test_a_connections_name_stays_plain(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Connected).validate_python(name)
