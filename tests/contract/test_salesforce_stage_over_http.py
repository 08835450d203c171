"""Whose stage is it: what money does is written, what a person set after us stays. Over real HTTP."""

from collections.abc import AsyncIterator

import pytest

from app.salesforce.lanes.lanes import salesforce_rows
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile, Stage
from streams.ports import Applied
from tests.builders.deals import Deal, a_deal
from tests.builders.salesforce import a_sale, an_account
from tests.builders.salesforce_org import KeyOf, joined_org

SALESPERSONS = "Value Proposition"


@pytest.fixture
async def deal() -> AsyncIterator[Deal]:
    async with a_deal() as whole:
        yield whole


async def test_a_payment_wins_whatever_open_stage_a_person_had_chosen(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.sets(SALESPERSONS)

    await deal.becomes("won")

    assert (deal.stage, deal.row["FreshBooks_Stage_Before__c"]) == ("Closed Won", SALESPERSONS)


async def test_what_a_person_opened_again_after_the_payment_stays_open(deal: Deal) -> None:
    await deal.becomes("won")
    deal.sets(SALESPERSONS)
    deal.here.lanes.forget()  # as a new worker would

    answer = await deal.becomes("won", amount="13.00")

    assert deal.stage == SALESPERSONS
    assert answer.notes == ("StageName: left to 'Value Proposition', which a person set",)


async def test_a_deleted_payment_gives_back_the_stage_that_the_salesperson_had(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.sets(SALESPERSONS)
    await deal.becomes("won")

    await deal.becomes("invoiced")

    assert (deal.stage, deal.row["FreshBooks_Stage_Before__c"]) == (SALESPERSONS, None)


async def test_a_stage_that_a_person_set_meanwhile_outlives_the_reversal_and_says_so(deal: Deal) -> None:
    await deal.becomes("won")
    deal.sets("Qualification")

    answer = await deal.becomes("invoiced")

    assert deal.stage == "Qualification"
    assert answer.notes == ("StageName: left to 'Qualification', which a person set",)


async def test_the_next_payment_closes_what_was_left_to_a_person(deal: Deal) -> None:
    await deal.becomes("won")
    deal.sets("Qualification")
    await deal.becomes("invoiced")

    await deal.becomes("won")

    assert (deal.stage, deal.row["FreshBooks_Stage_Before__c"]) == ("Closed Won", "Qualification")


async def test_a_deal_that_a_person_lost_is_not_won_by_a_payment(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.sets("Closed Lost")

    await deal.becomes("won")

    assert deal.stage == "Closed Lost"


async def test_a_won_deal_whose_invoice_is_deleted_is_lost_and_remembers_the_stage_before(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.sets(SALESPERSONS)
    await deal.becomes("won")

    await deal.becomes("lost")
    lost = deal.stage
    await deal.becomes("invoiced")

    assert (lost, deal.stage) == ("Closed Lost", SALESPERSONS)


async def test_a_draft_that_is_sent_moves_on_unless_a_person_moved_it(deal: Deal) -> None:
    await deal.becomes("draft")
    await deal.becomes("invoiced")
    moved = deal.stage
    await deal.becomes("draft")
    deal.sets(SALESPERSONS)
    await deal.becomes("invoiced")

    assert (moved, deal.stage) == ("Negotiation/Review", SALESPERSONS)


async def test_a_change_that_leaves_the_stage_as_it_is_costs_no_look_and_touches_no_stage(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.sets(SALESPERSONS)
    deal.here.org.control.reset_counters()

    await deal.becomes("invoiced", amount="99.00")

    assert (deal.here.calls(), deal.stage, deal.row["Amount"]) == (1, SALESPERSONS, 99.0)


async def test_a_thousand_new_opportunities_cost_one_look_beside_their_five_calls(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.here.org.control.reset_counters()

    answers = [deal.here.lanes.put(a_sale("won", number)) for number in range(100, 1100)]
    for answer in answers:
        assert isinstance(await answer, Applied)

    assert deal.here.calls() == 6


async def test_five_thousand_payments_of_one_client_cost_three_looks(deal: Deal) -> None:
    await deal.becomes("invoiced")
    deal.here.org.control.reset_counters()

    answers = [deal.here.lanes.put(a_sale("won", number)) for number in range(1000, 6000)]
    for answer in answers:
        assert isinstance(await answer, Applied)

    assert deal.here.calls() == 25 + 3


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.RESET])
async def test_our_own_write_whose_answer_was_lost_is_not_taken_for_a_persons(
    deal: Deal, kind: FaultKind
) -> None:
    await deal.becomes("invoiced")
    deal.sets(SALESPERSONS)
    deal.here.org.control.faults(Faults(rules=(Rule(kind=kind, next=1, path="*/composite/sobjects/*"),)))

    answer = await deal.becomes("won")

    row = deal.row
    assert (row["StageName"], row["FreshBooks_Stage__c"]) == ("Closed Won", "Closed Won")
    assert row["FreshBooks_Stage_Before__c"] == SALESPERSONS
    assert answer.notes == ()


async def test_a_worker_killed_after_its_write_leaves_a_row_that_the_next_one_takes_for_ours(
    deal: Deal,
) -> None:
    await deal.becomes("won")
    async with salesforce_rows(deal.here.settings, KeyOf(deal.here.org), allow_http=True) as successor:
        again = await deal.becomes("won", successor)
        await deal.becomes("invoiced", successor)

    assert again.notes == ()
    assert deal.stage == "Negotiation/Review"


async def test_a_row_that_is_demanded_gets_its_stage_back_from_another_worker_that_wrote_it_since(
    deal: Deal,
) -> None:
    await deal.becomes("won")
    async with salesforce_rows(deal.here.settings, KeyOf(deal.here.org), allow_http=True) as another:
        await deal.becomes("invoiced", another)
    demanded = a_sale("won", version=9).model_copy(update={"nonce": "0123456789abcdef"})

    await deal.here.lanes.write(demanded)

    assert deal.stage == "Closed Won"


async def test_an_opportunity_that_a_person_deleted_is_made_anew_with_its_stage(deal: Deal) -> None:
    await deal.becomes("won")
    deal.here.org.control.people.delete("Opportunity", deal.row["Id"])

    answer = await deal.becomes("won", amount="14.00")

    assert (answer.created, deal.stage) == (True, "Closed Won")


async def test_the_amount_is_left_to_the_products_of_the_opportunity(deal: Deal) -> None:
    await deal.becomes("invoiced", amount="10.00")
    deal.here.org.control.people.add_products(deal.row["Id"])

    answer = await deal.becomes("won", amount="11.00")

    assert (deal.stage, deal.row["Amount"]) == ("Closed Won", 10.0)
    assert answer.notes == ("Amount: left to the Opportunity's products, whose sum it is",)


OURS = frozenset({"Opportunity.FreshBooks_Stage__c", "Opportunity.FreshBooks_Stage_Before__c"})
OWN_STAGES = (
    Stage(name="Angebot", probability=20),
    Stage(name="Rechnung", probability=80),
    Stage(name="Bezahlt", probability=100, closed=True, won=True),
    Stage(name="Storno", probability=0, closed=True),
)


async def test_an_org_with_stages_of_its_own_gets_those_and_is_told_so() -> None:
    async with joined_org(Profile.named("prepared").with_(stages=OWN_STAGES)) as here:
        await here.lanes.write(an_account(1))
        deal = Deal(here)
        told = [await deal.becomes(phase) for phase in ("invoiced", "won", "lost")]

    assert [answer.notes for answer in told] == [
        ("StageName: 'Rechnung', since 'Negotiation/Review' is no active stage of the org",),
        ("StageName: 'Bezahlt', since 'Closed Won' is no won stage of the org",),
        ("StageName: 'Storno', since 'Closed Lost' is no lost stage of the org",),
    ]


async def test_a_stage_that_the_org_has_given_up_meanwhile_makes_no_dead_letter() -> None:
    strict = Profile.named("prepared").with_(restricted=frozenset({"Opportunity.StageName"}))
    async with joined_org(strict) as here:
        await here.lanes.write(an_account(1))
        deal = Deal(here)
        await deal.becomes("invoiced")
        here.org.control.profile(stages=[stage.model_dump() for stage in OWN_STAGES])

        await deal.becomes("won")

    assert deal.stage == "Bezahlt"


async def test_a_deal_won_before_our_own_fields_were_there_stays_won_and_is_not_called_a_persons() -> None:
    async with joined_org(Profile.named("prepared").with_(hidden=OURS)) as here:
        await here.lanes.write(an_account(1))
        deal = Deal(here)
        await deal.becomes("won")
        here.org.control.profile(hidden=[])
        async with salesforce_rows(here.settings, KeyOf(here.org), allow_http=True) as successor:
            answer = await deal.becomes("invoiced", successor)

        assert deal.stage == "Closed Won"
        assert answer.notes == (
            "StageName: left to 'Closed Won', since nothing shows that Freshforce set it",
        )


async def test_without_our_own_fields_a_persons_stage_is_rather_kept() -> None:
    async with joined_org(Profile.named("prepared").with_(hidden=OURS)) as here:
        await here.lanes.write(an_account(1))
        deal = Deal(here)
        await deal.becomes("won")
        await deal.becomes("invoiced")
        ours = deal.stage
        await deal.becomes("won")
        deal.sets(SALESPERSONS)
        await deal.becomes("invoiced")

    assert (ours, deal.stage) == ("Negotiation/Review", SALESPERSONS)
