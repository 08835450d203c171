"""Whatever people and money do to the stage of an Opportunity, in whatever order, however often."""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.care.person import There, care
from app.salesforce.care.stages import Resolved
from streams.domain.command import STAGE
from streams.mapping.row import STAGE_BEFORE, STAGE_OURS

OPEN = ("Prospecting", "Proposal", "Negotiation")
CLOSED = ("Won", "Lost")
DRAFT, INVOICED = Resolved("Proposal", closed=False), Resolved("Negotiation", closed=False)
WON, LOST = Resolved("Won", closed=True), Resolved("Lost", closed=True)


@dataclass(frozen=True)
class Sale:
    """An Opportunity in the org, and who set its stage last."""

    there: There | None = None
    by_person: bool = False

    def wants(self, wanted: Resolved) -> "Sale":
        fields = care(wanted, self.there).fields
        was = self.there or There("", closed=False, ours=None, before=None)
        stage = fields.get(STAGE) or was.stage
        ours, before = fields.get(STAGE_OURS, was.ours), fields.get(STAGE_BEFORE, was.before)
        written = STAGE in fields
        given_back = written and stage != wanted.name
        there = There(stage, stage in CLOSED, ours, before)
        return Sale(there, by_person=given_back or (self.by_person and not written))

    def set_by_person(self, stage: str) -> "Sale":
        assert self.there
        return replace(self, there=self.there._replace(stage=stage, closed=stage in CLOSED), by_person=True)


wants = st.sampled_from([DRAFT, INVOICED, WON, LOST])
deeds = st.lists(wants | st.sampled_from([*OPEN, *CLOSED]), max_size=12)


def played(happens: list[Resolved | str]) -> Sale:
    sale = Sale().wants(INVOICED)
    for each in happens:
        sale = sale.set_by_person(each) if isinstance(each, str) else sale.wants(each)
    return sale


@given(deeds, wants)
def test_asked_again_of_what_it_made_it_changes_nothing(
    happens: list[Resolved | str], wanted: Resolved
) -> None:
    once = played(happens).wants(wanted)

    assert once.wants(wanted).there == once.there
    assert STAGE not in care(wanted, once.there).fields


@given(deeds, wants)
def test_a_closed_stage_that_a_person_set_is_never_overwritten(
    happens: list[Resolved | str], wanted: Resolved
) -> None:
    before = played(happens)

    after = before.wants(wanted)

    assert before.there
    assert after.there
    if before.by_person and before.there.closed and before.there.stage != before.there.ours:
        assert after.there.stage == before.there.stage


@given(deeds, st.sampled_from([DRAFT, INVOICED]), st.sampled_from(OPEN))
def test_an_open_stage_that_a_person_set_stays_while_the_invoice_is_open(
    happens: list[Resolved | str], wanted: Resolved, stage: str
) -> None:
    sale = played([*happens, INVOICED]).set_by_person(stage)

    after = sale.wants(wanted)

    assert after.there
    assert sale.there
    if sale.there.ours != stage:  # what they chose is not what we had written ourselves
        assert after.there.stage == stage


@given(deeds, st.sampled_from(OPEN), st.sampled_from([WON, LOST]))
def test_money_that_comes_after_an_open_stage_closes_it_and_money_that_goes_gives_it_back(
    happens: list[Resolved | str], stage: str, closing: Resolved
) -> None:
    sale = played(happens).set_by_person(stage).wants(INVOICED)
    held = sale.there

    closed = sale.wants(closing)
    back = closed.wants(INVOICED)

    assert held
    assert (closed.there and closed.there.stage) == closing.name
    assert (back.there and back.there.stage) == held.stage


@given(deeds)
def test_without_people_the_stage_is_what_the_books_say(happens: list[Resolved | str]) -> None:
    books = [each for each in happens if isinstance(each, Resolved)]

    sale = played([*books])

    assert sale.there
    assert sale.there.stage == (books[-1] if books else INVOICED).name
