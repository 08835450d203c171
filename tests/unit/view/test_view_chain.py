"""The chain: whoever touches an entry touches every later link."""

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.view.chain import beginning, links, stays


@dataclass(frozen=True)
class Entry:
    offset: int
    timestamp: int = 1_000
    key: bytes | None = b"acme:7"
    value: bytes | None = b"{}"


def last(entries: list[Entry], partition: int = 0) -> bytes:
    return [beginning(partition), *links(beginning(partition), entries)][-1].digest


LOG = [Entry(at, value=b"%d" % at) for at in range(5)]


@given(
    st.integers(0, 4),
    st.sampled_from([{"timestamp": 999}, {"key": b"acme:8"}, {"key": None}, {"value": b"!"}, {"value": b""}]),
)
def test_a_change_of_any_part_of_any_entry_changes_the_last_link(at: int, change: dict[str, Any]) -> None:
    changed = [replace(it, **change) if it.offset == at else it for it in LOG]

    assert last(changed) != last(LOG)


@given(st.integers(0, 4))
def test_a_removed_entry_changes_the_last_link(at: int) -> None:
    assert last([it for it in LOG if it.offset != at]) != last(LOG)


def test_two_entries_that_change_places_change_the_last_link() -> None:
    assert last([LOG[1], LOG[0], *LOG[2:]]) != last(LOG)


def test_what_a_key_loses_a_value_cannot_gain() -> None:
    assert last([Entry(0, key=b"ab", value=b"c")]) != last([Entry(0, key=b"a", value=b"bc")])


def test_the_same_entries_in_two_partitions_have_different_chains() -> None:
    assert last(LOG, 0) != last(LOG, 1)


def test_it_goes_on_from_any_link_as_if_it_had_never_stopped() -> None:
    whole = [*links(beginning(0), LOG)]

    assert [*links(whole[2], LOG[3:])] == whole[3:]


def test_one_link_of_256_stays() -> None:
    entries = [Entry(at) for at in range(600)]

    assert [link.offset for link in links(beginning(0), entries) if stays(link)] == [255, 511]
