"""What a person reads of a match ends with what to do."""

from app.match.shown import way_on
from streams.domain.match import MatchState
from tests.builders.matching import a_sure_one, decided


def test_who_waits_is_shown_with_the_commands_that_decide() -> None:
    (line,) = way_on(a_sure_one(7, "001Dn00000AbCdEIAV"))

    assert "`freshforce match accept acme 7 001Dn00000AbCdEIAV --apply`" in line
    assert "`freshforce match reject acme 7 --apply`" in line


def test_who_is_like_no_account_hears_that_one_made_later_is_found() -> None:
    nobody = a_sure_one(7, "001Dn00000AbCdEIAV").model_copy(update={"candidates": ()})

    (line,) = way_on(nobody)

    assert "`freshforce match accept acme 7 ACCOUNT_ID --apply`" in line
    assert "`freshforce poll acme`" in line


def test_who_is_linked_needs_nothing() -> None:
    assert [*way_on(decided(7, MatchState.LINKED, "001Dn00000AbCdEIAV"))] == []
