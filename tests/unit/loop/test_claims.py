"""Whose records count in a changelog, whatever froze and whenever its last words land."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.worker.packed import PackedMap
from app.worker.stores import Rows
from streams.loop.claims import Change, Entry, Sieve, claim, headers_of
from streams.loop.contract import Sendable

Log = list[Sendable]


def ours(key: bytes, value: bytes | None, epoch: int) -> Sendable:
    return key, value, headers_of(epoch)


def entries(log: Sequence[Sendable], first: int = 0) -> list[Entry]:
    return [Entry(offset, key, value, tuple(its)) for offset, (key, value, its) in enumerate(log, first)]


def rows(changes: Sequence[Change]) -> dict[bytes, bytes]:
    found = Rows()
    found.load(changes)
    return dict(found)


def test_a_late_record_of_the_owner_before_does_not_count() -> None:
    sieve = Sieve()
    log = [claim(1), ours(b"k", b"old", 1), claim(2), ours(b"k", b"new", 2), ours(b"k", b"late", 1)]

    assert rows(sieve.sift(entries(log))) == {b"k": b"new"}
    assert sieve.stale == {b"k"}


def test_what_landed_before_the_claim_counts_however_late_it_was_written() -> None:
    log = [claim(1), ours(b"k", b"late", 1), claim(2), ours(b"l", b"new", 2)]

    assert rows(Sieve().sift(entries(log))) == {b"k": b"late", b"l": b"new"}


def test_a_late_deletion_deletes_nothing_and_an_owners_deletion_does() -> None:
    log = [claim(2), ours(b"k", b"kept", 2), ours(b"l", b"gone", 2), ours(b"k", None, 1), ours(b"l", None, 2)]

    assert rows(Sieve().sift(entries(log))) == {b"k": b"kept"}


def test_records_from_before_there_were_epochs_count_until_the_first_claim() -> None:
    log = [ours(b"k", b"1", 0), ours(b"l", b"2", 0), claim(1), ours(b"k", b"3", 0)]

    assert log[0][2] == ()
    assert rows(Sieve().sift(entries(log))) == {b"k": b"1", b"l": b"2"}


def test_the_epoch_holds_when_compaction_took_the_claim_away() -> None:
    log = [ours(b"k", b"new", 2), ours(b"l", b"late", 1)]

    assert rows(Sieve().sift(entries(log))) == {b"k": b"new"}


def test_a_key_that_its_owner_wrote_again_needs_no_mending() -> None:
    sieve = Sieve()
    log = [claim(2), ours(b"k", b"late", 1), ours(b"l", b"late", 1), ours(b"k", b"new", 2)]

    sieve.sift(entries(log))

    assert sieve.stale == {b"l"}


def test_a_claim_is_no_row_in_whatever_batch_it_comes() -> None:
    sieve = Sieve()

    assert sieve.sift(entries([claim(1)])) == []
    assert sieve.sift(entries([claim(2), claim(3)], first=1)) == []
    assert (sieve.highest, sieve.since) == (3, 2)


def test_a_packed_map_takes_over_what_counts_and_never_sees_a_claim() -> None:
    sieve, packed = Sieve(), PackedMap(4)
    key, other = bytes(16), bytes([9]) * 16
    log = [claim(1), ours(key, b"old", 1), claim(2), ours(key, b"new", 2), ours(other, b"x", 2)]
    log += [ours(key, b"late", 1), ours(other, None, 1)]

    packed.load(sieve.sift(entries(log)))

    assert dict(packed) == {key: b"new", other: b"x"}


KEYS = st.sampled_from([b"a", b"b", b"c"])
OWN = st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=2)), max_size=4)
LATE = st.lists(st.tuples(KEYS, st.none() | st.binary(max_size=2), st.integers(0, 99)), max_size=4)


@given(st.lists(st.tuples(OWN, LATE), max_size=5), st.integers(1, 7))
def test_no_late_record_ever_counts_in_any_order_and_any_cut_into_batches(
    owners: list[tuple[list[Change], list[tuple[bytes, bytes | None, int]]]], size: int
) -> None:
    log: Log = []
    right = Rows()
    for epoch, (own, late) in enumerate(owners, start=1):
        words = [ours(key, value, epoch) for key, value in own]
        for key, value, at in late if epoch > 1 else ():
            words.insert(at % (len(words) + 1), ours(key, value, at % epoch))
        log += [claim(epoch), *words]
        right.load(own)

    sieve, loaded = Sieve(), Rows()
    for first in range(0, len(log), size):
        loaded.load(sieve.sift(entries(log[first : first + size], first)))

    assert loaded == right
