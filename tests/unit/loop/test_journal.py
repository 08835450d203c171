"""A journal is its table, and remembers what changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.loop.claims import Overtaken, headers_of
from streams.loop.journal import Journal

KEYS = st.sampled_from([b"a", b"b", b"c"])
CHANGES = st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=2)))


def changed(journal: Journal, changes: list[tuple[bytes, bytes | None]]) -> None:
    for key, value in changes:
        if value is None:
            journal.pop(key, None)
        else:
            journal[key] = value


@given(CHANGES, CHANGES)
def test_what_is_taken_away_rebuilds_the_table_and_what_is_undone_never_was(
    kept: list[tuple[bytes, bytes | None]], dropped: list[tuple[bytes, bytes | None]]
) -> None:
    store: dict[bytes, bytes] = {}
    journal = Journal(store, ("changelog", 0))

    changed(journal, kept)
    taken = journal.take()
    after = dict(journal)
    changed(journal, dropped)
    journal.undo()

    rebuilt: dict[bytes, bytes] = {}
    for key, value, _ in taken:
        assert key is not None
        rebuilt.pop(key, None)
        if value is not None:
            rebuilt[key] = value
    assert rebuilt == after == store
    assert journal.take() == []


def test_a_key_that_is_not_there_cannot_be_deleted() -> None:
    journal = Journal({}, ("changelog", 0))

    with pytest.raises(KeyError):
        del journal[b"a"]

    assert journal.take() == []
    assert (b"a" in journal, len(journal)) == (False, 0)


def test_an_owner_marks_every_change_with_its_epoch() -> None:
    journal = Journal({b"a": b"1"}, ("changelog", 0))
    journal.epoch = 300

    journal[b"b"] = b"2"
    del journal[b"a"]

    assert journal.take() == [(b"b", b"2", headers_of(300)), (b"a", None, headers_of(300))]
    assert headers_of(300) == (("epoch", b"\x01\x2c"),)


def test_records_of_others_between_ours_are_noticed_before_anything_more_is_acknowledged() -> None:
    journal = Journal({}, ("changelog", 0))
    journal.epoch, journal.end = 3, 10

    journal.settled(12, 2)
    with pytest.raises(Overtaken, match="1 records of others up to offset 15"):
        journal.settled(15, 2)

    assert journal.end == 12


class Full(dict[bytes, bytes]):
    """A table with no room for longer values."""

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if len(value) > 2:
            message = "too long"
            raise ValueError(message)
        super().__setitem__(key, value)


def test_what_a_table_refused_need_not_be_undone() -> None:
    journal = Journal(Full(), ("changelog", 0))
    journal[b"a"] = b"1"
    with pytest.raises(ValueError, match="too long"):
        journal[b"b"] = b"123"

    journal.undo()

    assert dict(journal) == {}
