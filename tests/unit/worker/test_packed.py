"""The packed map is a dict in less room."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.worker.packed import KEY, PackedMap
from streams.domain.errors import Undecodable

KEYS = st.sampled_from([bytes([n, m]) * 8 for n in range(4) for m in (0, 1, 16)])
VALUES = st.binary(max_size=3) | st.sampled_from([b"\x00\x00\x00", b"\x01\x01\x01"])
CHANGES = st.lists(
    st.tuples(st.sampled_from(["set", "delete", "load"]), KEYS, VALUES | st.none()), max_size=60
)


@given(CHANGES)
@settings(max_examples=200, deadline=None)
def test_it_is_a_dict_after_any_loads_and_changes(changes: list[tuple[str, bytes, bytes | None]]) -> None:
    packed, plain = PackedMap(3), dict[bytes, bytes]()

    for how, key, value in changes:
        if how == "load":
            packed.load([(key, value)])
        elif how == "set" and value is not None:
            packed[key] = value
        else:
            assert packed.pop(key, None) == plain.get(key)
        if value is None or how == "delete":
            plain.pop(key, None)
        else:
            plain[key] = value

    assert dict(packed) == plain
    assert len(packed) == len(plain)
    assert all(packed[key] == value for key, value in plain.items())


def test_the_same_bytes_across_two_rows_are_not_taken_for_a_key() -> None:
    packed = PackedMap(KEY)
    shifted = bytes(KEY - 1) + bytes([KEY])

    packed[bytes(KEY)] = bytes(KEY)

    assert shifted not in packed


def test_a_key_that_was_loaded_many_times_takes_one_row() -> None:
    packed = PackedMap(4)

    for _ in range(20):
        packed.load((number.to_bytes(KEY, "little"), b"abcd") for number in range(2000))

    assert len(packed) == 2000
    assert sum(map(len, packed._buckets)) == 2000 * (KEY + 1 + 4)


def test_an_absent_or_odd_key_is_not_there() -> None:
    packed = PackedMap(4)

    assert b"short" not in packed
    with pytest.raises(KeyError):
        del packed[bytes(KEY)]


@pytest.mark.parametrize("record", [(b"short", b"abcd"), (bytes(KEY), b"abcde"), (b"", None)])
def test_a_record_of_another_shape_is_refused(record: tuple[bytes, bytes | None]) -> None:
    with pytest.raises(Undecodable):
        PackedMap(4).load([record])


def test_a_value_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 16 \\+ 5 bytes"):
        PackedMap(4)[bytes(KEY)] = b"abcde"
