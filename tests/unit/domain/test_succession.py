"""Which of the records in the grants topic count."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.domain.grant import Sealed
from streams.domain.succession import Succession
from tests.builders.vault import ACME, NOW, a_freshbooks_grant, a_sealer

SEALER = a_sealer()
KEY = "acme:freshbooks"


def a_record(generation: int = 1, **given: Any) -> Sealed:
    return SEALER.seal(a_freshbooks_grant(), ACME, generation, NOW).model_copy(update=given)


def after(record: Sealed, **given: Any) -> Sealed:
    return a_record(record.generation + 1, follows=record.mark, **given)


def newest(*records: Sealed | None) -> Sealed | None:
    found, head = Succession(), None
    for record in records:
        head = record if found.counts(KEY, record) else head
    return head


def test_a_record_counts_that_follows_the_one_before() -> None:
    first = a_record()

    assert newest(first, second := after(first), third := after(second)) == third


def test_of_two_that_follow_the_same_the_first_in_the_log_counts() -> None:
    first = a_record()
    one, other = after(first), after(first)

    assert newest(first, one, other) == one
    assert newest(first, other, one) == other


def test_a_frozen_owners_pair_does_not_count_behind_its_successors_start() -> None:
    first = a_record()
    frozen = first.model_copy(update={"started": "t", "owner": "frozen", "follows": first.mark})
    awake = frozen.model_copy(update={"owner": "awake", "follows": frozen.mark})

    assert newest(first, frozen, awake, after(frozen)) == awake


def test_a_reader_that_begins_after_a_compaction_takes_the_first_record_it_finds() -> None:
    second = after(a_record())

    assert newest(second, third := after(second)) == third


def test_a_removed_grant_comes_back_by_a_person_only() -> None:
    first = a_record()

    assert newest(first, None, after(first)) is None
    assert newest(first, None, anew := a_record()) == anew


def test_records_of_a_release_that_named_no_predecessor_count_by_their_generation() -> None:
    assert newest(a_record(1), second := a_record(2), a_record(2)) == second


def test_a_late_record_asks_for_the_right_one_once_more() -> None:
    first = a_record()
    one, late = after(first), after(first)
    found = Succession()
    for each in (first, one, late):
        found.counts(KEY, each)

    assert found.mending == {KEY: one}
    assert found.counts(KEY, one)
    assert found.mending == {}


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12))
def test_all_who_read_the_same_log_agree_and_the_mended_one_shows_the_same(
    writes: list[tuple[int, bool]],
) -> None:
    log = [a_record()]
    for at, start in writes:
        told = log[min(at, len(log) - 1)]
        log.append(told.model_copy(update={"owner": str(at), "follows": told.mark}) if start else after(told))
    found = Succession()
    for each in log:
        found.counts(KEY, each)

    mended = [*log, *found.mending.values()]

    assert newest(*mended) == newest(*log)
