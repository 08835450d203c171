"""What becomes of a stage, and what people are told of it; `tests/property` plays whole histories."""

import pytest

from app.salesforce.care.person import There, care
from app.salesforce.care.stages import Resolved
from streams.mapping.row import STAGE_BEFORE, STAGE_OURS

INVOICED, WON = Resolved("Negotiation", closed=False), Resolved("Won", closed=True)
LOST = Resolved("Lost", closed=True)
WON_BEFORE_OUR_FIELDS = There("Won", closed=True, ours=None, before=None)


@pytest.mark.parametrize("wanted", [INVOICED, LOST])
def test_a_deal_that_nobody_knows_who_won_stays_won_and_is_not_called_a_persons(wanted: Resolved) -> None:
    cared = care(wanted, WON_BEFORE_OUR_FIELDS)

    assert cared.fields == {}
    assert cared.note == "StageName: left to 'Won', since nothing shows that Freshforce set it"


def test_a_deal_won_before_our_fields_is_won_all_the_same_and_says_nothing() -> None:
    assert care(WON, WON_BEFORE_OUR_FIELDS) == ({}, "")


def test_a_stage_that_was_set_after_ours_is_called_a_persons() -> None:
    cared = care(INVOICED, There("Proposal", closed=False, ours="Won", before="Prospecting"))

    assert cared.note == "StageName: left to 'Proposal', which a person set"


@pytest.mark.parametrize("ours", ["Won", None])
def test_a_stage_that_is_a_persons_from_now_on_leaves_nothing_of_ours_in_the_row(ours: str | None) -> None:
    cared = care(INVOICED, There("Proposal", closed=False, ours=ours, before="Prospecting"))

    assert cared.fields == {STAGE_OURS: None, STAGE_BEFORE: None}


def test_a_person_who_set_what_the_books_want_is_told_nothing() -> None:
    cared = care(INVOICED, There("Negotiation", closed=False, ours="Won", before="Prospecting"))

    assert cared == ({STAGE_OURS: None, STAGE_BEFORE: None}, "")
