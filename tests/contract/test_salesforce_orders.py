"""Amounts of invoices on Orders that people made: found over HTTP, written only where they differ."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.rules import Rules, ValidationRule
from streams.ports import Absent, Applied, Rejected
from tests.builders.people_orders import AMOUNT, amount, an_org, order
from tests.builders.salesforce import ACME, an_opportunity, an_order
from tests.builders.salesforce_org import joined_org

CURRENCY = "FreshBooks_Currency__c"

BEFORE = Profile.named("prepared").with_(hidden={f"Order.{CURRENCY}"})
"""An org that was set up before Orders had a currency of ours."""


async def test_the_amount_and_its_currency_go_to_the_order_of_the_opportunity() -> None:
    async with an_org() as here:
        its = order(here)

        answer = await here.lanes.write(an_order(10, "12.50"))

        assert isinstance(answer, Applied)
        assert (answer.salesforce_id, answer.created) == (its, False)
        assert (amount(here, its), here.row("Order", "Id", its)[CURRENCY]) == (12.5, "CAD")


async def test_two_hundred_orders_cost_a_handful_of_queries_and_one_update() -> None:
    async with an_org(opportunities=200) as here:
        for invoice in range(10, 210):
            order(here, invoice)

        answers = await asyncio.gather(*(here.lanes.write(an_order(n, "7.00")) for n in range(10, 210)))

        assert all(isinstance(it, Applied) for it in answers)
        assert here.calls() == 4, "is there any Order; describe; find; update"
        assert {row[AMOUNT] for row in here.org.control.people.rows("Order")} == {7}


async def test_an_order_that_holds_the_amount_already_is_not_written() -> None:
    async with an_org() as here:
        its = order(here, 10, FreshBooks_Invoice_Amount__c=12.5, FreshBooks_Currency__c="CAD")
        here.org.control.keep_history()

        answer = await here.lanes.write(an_order(10, "12.50"))

        assert isinstance(answer, Applied)
        assert answer.notes == ("the Order held it already",)
        assert here.org.control.history(its) == []


async def test_where_the_opportunity_has_no_order_none_is_made_and_no_other_is_touched() -> None:
    async with an_org(opportunities=2) as here:
        others = [order(here, 11), order(here, None, PoNumber="PO-1")]

        answer = await here.lanes.write(an_order(10, "12.50"))

        assert isinstance(answer, Absent)
        assert len(here.org.control.people.rows("Order")) == 2
        assert [amount(here, it) for it in others] == [None, None]


async def test_an_order_made_later_is_found_at_the_next_change() -> None:
    async with an_org(opportunities=2) as here:
        order(here, 11)
        first = await here.lanes.write(an_order(10, "12.50"))
        its = order(here)

        second = await here.lanes.write(an_order(10, "13.00", version=2))

        assert (type(first), type(second)) == (Absent, Applied)
        assert amount(here, its) == 13


@pytest.mark.parametrize(
    "profile",
    [
        Profile.named("prepared"),
        Profile.named("prepared").with_(orders=False),
        Profile.named("prepared").with_(hidden={"Order.OpportunityId"}),
    ],
    ids=["no Order there", "no object Order", "hidden from us"],
)
async def test_an_org_without_orders_costs_one_call_in_five_minutes_however_many_rows(
    profile: Profile,
) -> None:
    async with an_org(profile, opportunities=450) as here:
        answers = await asyncio.gather(*(here.lanes.write(an_order(n)) for n in range(10, 460)))

        assert all(isinstance(it, Absent) for it in answers)
        assert here.calls() == 1


async def test_the_first_order_of_an_org_is_found_at_once_for_what_is_demanded() -> None:
    async with an_org(opportunities=2) as here:
        none = await here.lanes.write(an_order(10, "12.50"))
        its = order(here)

        again = await here.lanes.write(an_order(10, "12.50").model_copy(update={"nonce": "a-person"}))

        assert (type(none), type(again)) == (Absent, Applied)
        assert amount(here, its) == 12.5


async def test_what_is_demanded_together_asks_an_org_without_orders_once() -> None:
    async with an_org(opportunities=450) as here:
        await here.lanes.write(an_order(10))
        demanded = (an_order(n).model_copy(update={"nonce": "a-person"}) for n in range(10, 460))

        answers = await asyncio.gather(*(here.lanes.write(it) for it in demanded))

        assert all(isinstance(it, Absent) for it in answers)
        assert here.calls() == 2, "once at first, once for all that is demanded"


async def test_an_org_whose_orders_lack_our_field_is_asked_for_none() -> None:
    hidden = {f"Order.{AMOUNT}", f"Order.{CURRENCY}"}
    async with an_org(Profile.named("prepared").with_(hidden=hidden)) as here:
        order(here)

        answer = await here.lanes.write(an_order(10))

        assert isinstance(answer, Absent)
        assert "no field" in answer.why
        assert here.calls() == 2, "is there any Order; describe"


async def test_an_org_prepared_before_gets_the_amount_alone_and_the_lack_is_said_once_with_its_mend() -> None:
    async with an_org(BEFORE, opportunities=2) as here:
        orders = [order(here, 10), order(here, 11)]

        with capture_logs() as logs:
            answers = [await here.lanes.write(an_order(n, "12.50")) for n in (10, 11)]

        assert [type(it) for it in answers] == [Applied, Applied]
        assert [amount(here, it) for it in orders] == [12.5, 12.5]
        said = [it for it in logs if it["event"] == "salesforce-lacks-fields"]
        assert [it["fields"] for it in said] == [[f"Order.{CURRENCY}"]]
        assert f"freshforce setup salesforce {ACME}" in said[0]["mend"]


async def test_a_field_that_setup_has_just_added_is_written_at_once_for_what_is_demanded() -> None:
    async with an_org(BEFORE) as here:
        its = order(here)
        await here.lanes.write(an_order(10, "12.50"))
        here.org.control.profile(hidden=[])

        await here.lanes.write(an_order(10, "12.50").model_copy(update={"nonce": "a-person"}))

        assert (amount(here, its), here.row("Order", "Id", its)[CURRENCY]) == (12.5, "CAD")


async def test_a_field_that_the_org_lacks_costs_what_is_demanded_together_one_describe() -> None:
    async with an_org(BEFORE, opportunities=200) as here:
        for invoice in range(10, 210):
            order(here, invoice)
        await here.lanes.write(an_order(10, "12.50"))
        here.org.control.reset_counters()
        demanded = (an_order(n, "7").model_copy(update={"nonce": "a-person"}) for n in range(10, 210))

        await asyncio.gather(*(here.lanes.write(it) for it in demanded))

        assert here.calls() == 3, "describe; find; update"


async def test_of_several_orders_the_first_made_gets_the_amount_and_it_is_said() -> None:
    async with an_org() as here:
        first, second = order(here), order(here)

        answer = await here.lanes.write(an_order(10, "12.50"))

        assert isinstance(answer, Applied)
        assert answer.salesforce_id == first
        assert answer.notes == ("the first made of 2 Orders of the Opportunity",)
        assert amount(here, second) is None


async def test_one_order_that_is_refused_leaves_the_others_alone() -> None:
    async with an_org(opportunities=2) as here:
        orders = [order(here, 10, PoNumber="frozen"), order(here, 11)]
        rule = ValidationRule(sobject="Order", refuse_when="PoNumber = 'frozen'", message="Frozen.")
        here.org.control.rules(Rules(validation=(rule,)))

        refused, taken = await asyncio.gather(*(here.lanes.write(an_order(n, "5")) for n in (10, 11)))

        assert isinstance(refused, Rejected)
        assert (refused.code, type(taken)) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Applied)
        assert [amount(here, it) for it in orders] == [None, 5]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=FaultKind.ANSWER, status=503, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/composite/*"),
        Rule(kind=FaultKind.HTML, status=502, next=2, path="*/query*"),
    ],
    ids=["unavailable", "lost answer", "query fails"],
)
async def test_bad_weather_passes(rule: Rule) -> None:
    async with an_org() as here:
        its = order(here)
        here.org.control.faults(Faults(rules=(rule,)))

        answer = await here.lanes.write(an_order(10, "12.50"))

        assert isinstance(answer, Applied)
        assert amount(here, its) == 12.5


async def test_an_amount_that_is_gone_is_cleared() -> None:
    async with an_org() as here:
        its = order(here, 10, FreshBooks_Invoice_Amount__c=12.5)

        await here.lanes.write(an_order(10, None))

        assert amount(here, its) is None


async def test_an_order_waits_for_its_opportunity_and_is_found_by_it_at_once() -> None:
    async with joined_org() as here:
        (account,) = here.org.control.people.insert(
            "Account", {"Name": "x", "FreshBooks_Client_Id__c": "ACC1:1"}
        )
        (sale,) = here.org.control.people.insert(
            "Opportunity", {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-01-01"}
        )
        its = order(here, None, AccountId=account, OpportunityId=sale)
        here.org.control.people.edit("Opportunity", sale, {"FreshBooks_Invoice_Id__c": "ACC1:10"})

        answers = await asyncio.gather(*map(here.lanes.write, (an_opportunity(10, 1), an_order(10, "3"))))

        assert [type(it) for it in answers] == [Applied, Applied]
        assert amount(here, its) == 3
