"""A word is told once; a new reason to wait, or a person's retry, is a new word."""

from streams.ports import ParentMissing, Undecided
from streams.steps import ends
from tests.builders.commands import a_command

MISSING = ParentMissing("INVALID_FIELD", ())


def test_that_a_row_waits_for_the_same_is_told_once_and_for_something_else_anew() -> None:
    row = a_command()

    once, again = ends.parked(row, MISSING), ends.parked(row, MISSING)
    other = ends.behind_failed(row)

    assert once.id == again.id
    assert len({once.id, other.id, ends.parked(row, Undecided("two are alike")).id}) == 3


def test_that_a_row_waits_again_though_a_person_had_it_retried_is_a_new_word() -> None:
    row = a_command()
    retried = row.model_copy(update={"nonce": "0000000001abcdef"})

    assert ends.behind_failed(row).id != ends.behind_failed(retried).id
