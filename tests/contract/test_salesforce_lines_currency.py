"""An invoice whose Opportunity has our lines is in another currency now, in an org that has both."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from app.salesforce.api.client import Client
from app.salesforce.wire.wire import Reply
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.rules import Rules, ValidationRule
from streams.domain.command import Command, Figure, Stage
from streams.ports import Answer, Applied, Rejected, Replaced
from tests.builders.itemised import LINE_KEY, a_shop, an_item, itemising, shown, the_lines
from tests.builders.lanes import all_of
from tests.builders.mappings import a_mapping
from tests.builders.salesforce import an_opportunity
from tests.builders.salesforce_org import Joined

COFFEE, CUPS = an_item(1, "40"), an_item(2, "7", product="cups")


def in_euros(number: int = 10, *, version: int = 2) -> Command:
    sale, amount = an_opportunity(number, version=version), Figure(figure=Decimal("47.00"), currency="EUR")
    return sale.model_copy(update={"fields": {**sale.fields, "Amount": amount}})


async def moved(here: Joined, number: int = 10) -> list[Answer]:
    """Send what becomes of an invoice of 47 dollars that is one of 47 euros now, as translate says it."""
    lines = the_lines(COFFEE, CUPS, invoice=number, currency="EUR", version=2)
    return [await here.lanes.write(in_euros(number)), await here.lanes.write(lines)]


def money(here: Joined, number: int = 10) -> tuple[str, float, bool]:
    its = here.row("Opportunity", "FreshBooks_Invoice_Id__c", f"ACC1:{number}")
    return its["CurrencyIsoCode"], its["Amount"], its["HasOpportunityLineItem"]


async def test_our_lines_make_way_for_the_currency_and_come_again_in_it() -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        await here.lanes.write(the_lines(COFFEE, CUPS))

        answers = await moved(here)

        assert [type(it) for it in answers] == [Applied, Applied]
        assert money(here) == ("EUR", 47.0, True)
        assert [it[1:3] for it in shown(here)] == [(1.0, 40.0), (1.0, 7.0)]
        assert {it["CurrencyIsoCode"] for it in here.org.control.people.rows("OpportunityLineItem")} == {
            "EUR"
        }


async def test_newer_lines_go_after_the_currency_though_older_ones_wait_since_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        upsert, later = Client.upsert, list[asyncio.Task[list[Answer]]]()

        async def meanwhile_moved(self: Client, *asked: Any) -> Reply:
            if not later:
                sale, lines = in_euros(version=3), the_lines(COFFEE, CUPS, currency="EUR", version=3)
                later.append(asyncio.create_task(all_of(here.lanes, sale, lines)))
                await asyncio.sleep(0)
            return await upsert(self, *asked)

        monkeypatch.setattr(Client, "upsert", meanwhile_moved)
        lines = the_lines(COFFEE, version=2)
        before = await all_of(here.lanes, an_opportunity(10, amount="40.00", version=2), lines)

        answers = await later[0]

        assert [type(it) for it in before + answers] == [Applied, Replaced, Applied, Applied]
        assert money(here) == ("EUR", 47.0, True)


async def test_the_currency_is_written_though_the_amount_is_left_to_the_products() -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        await here.lanes.write(the_lines(COFFEE, CUPS))
        staged = {"StageName": Stage(phase="invoiced", name="Negotiation/Review")}
        sale = in_euros()

        answer = await here.lanes.write(sale.model_copy(update={"fields": {**sale.fields, **staged}}))

        assert isinstance(answer, Applied)
        assert money(here) == ("EUR", 47.0, False)


async def test_it_costs_three_more_calls_for_all_opportunities_of_a_batch() -> None:
    many = range(10, 20)
    async with a_shop("multi-currency", sales=len(many), mapping=itemising()) as here:
        for number in many:
            await here.lanes.write(the_lines(COFFEE, invoice=number))
        before = here.calls()

        answers = await asyncio.gather(*(here.lanes.write(in_euros(number)) for number in many))

        assert all(isinstance(it, Applied) for it in answers)
        assert here.calls() - before == 1 + 3, "refused; lines looked for and deleted, sent again"


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_whoever_dies_on_the_way_goes_on_from_the_same_commands(method: str) -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        await here.lanes.write(the_lines(COFFEE, CUPS))
        cut = Rule(kind=FaultKind.ANSWER, status=503, next=1, method=method, path="*/composite/sobjects*")
        here.org.control.faults(Faults(rules=(cut,)))

        await moved(here)
        again = await moved(here)

        assert [type(it) for it in again] == [Applied, Applied]
        assert money(here) == ("EUR", 47.0, True)
        assert len(shown(here)) == 2


async def test_lines_stay_where_people_have_some_beside_ours_and_it_is_said() -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        await here.lanes.write(the_lines(COFFEE, CUPS))
        (first, _) = here.org.control.people.rows("OpportunityLineItem")
        here.org.control.people.edit("OpportunityLineItem", first["Id"], {LINE_KEY: None})

        (answer, _) = await moved(here)

        assert isinstance(answer, Rejected)
        assert answer.fields == ("CurrencyIsoCode",)
        assert answer.mend.startswith(
            "delete the Opportunity's products in Salesforce, which hold its currency, "
        )
        assert len(here.org.control.people.rows("OpportunityLineItem")) == 2


async def test_lines_stay_where_the_mapping_asks_for_none_any_more() -> None:
    async with a_shop("multi-currency", mapping=a_mapping()) as here:
        await here.lanes.write(the_lines(COFFEE))

        answer = await here.lanes.write(in_euros())

        assert isinstance(answer, Rejected)
        assert len(shown(here)) == 1


async def test_lines_are_gone_where_the_opportunity_is_refused_then_and_come_with_its_retry() -> None:
    async with a_shop("multi-currency", mapping=itemising()) as here:
        await here.lanes.write(the_lines(COFFEE))
        in_dollars = ValidationRule(
            sobject="Opportunity", refuse_when="CurrencyIsoCode = 'EUR'", message="No."
        )
        here.org.control.rules(Rules(validation=(in_dollars,)))

        refused = await here.lanes.write(in_euros())
        left = shown(here)
        here.org.control.rules(Rules())
        answers = await moved(here)

        assert isinstance(refused, Rejected)
        assert (refused.code, left) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", [])
        assert [type(it) for it in answers] == [Applied, Applied]
        assert money(here) == ("EUR", 47.0, True)
