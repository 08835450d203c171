"""Lines of Opportunities where an edit, a person or the org stands in the way."""

from typing import Any

from app.salesforce.found.prices import KEPT, Prices, Wanted
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.rules import Rules, ValidationRule
from streams.domain.connection import ForeignAmount
from streams.ports import Absent, Applied, Rejected
from tests.builders.itemised import PRODUCT_KEY, a_shop, an_item, shown, the_lines
from tests.builders.salesforce import ACME
from tests.builders.salesforce_org import Joined


def sale(here: Joined) -> dict[str, Any]:
    return here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:10")


def entry_of(here: Joined, product: str) -> dict[str, Any]:
    """Return the price by which one of our products is sold."""
    its = here.row("Product2", PRODUCT_KEY, f"ACC1:{product}")
    return here.row("PricebookEntry", "Product2Id", its["Id"])


def moved_to_their_own(here: Joined) -> str:
    """Let a person put our product's id on one of the org's own; return that one's id."""
    people = here.org.control.people
    ours = here.row("Product2", PRODUCT_KEY, "ACC1:design")
    people.edit("Product2", ours["Id"], {PRODUCT_KEY: None})
    (theirs,) = people.insert(
        "Product2", {"Name": "Their design", "IsActive": True, PRODUCT_KEY: "ACC1:design"}
    )
    return theirs


async def test_lines_go_when_the_invoice_is_in_another_currency_now_and_no_amount_is_left() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "7")))

        answer = await here.lanes.write(the_lines(an_item(1, "40"), currency="EUR", version=2))

        assert answer == Absent("no lines: they are in EUR, and the org has USD")
        assert shown(here) == []
        assert (sale(here)["Amount"], sale(here)["HasOpportunityLineItem"]) == (None, False)


async def test_an_amount_that_a_person_typed_where_there_never_were_lines_stays() -> None:
    async with a_shop() as here:
        here.org.control.people.edit("Opportunity", sale(here)["Id"], {"Amount": 12.5})

        answer = await here.lanes.write(the_lines(an_item(1, "40"), currency="EUR"))

        assert answer == Absent("no lines: they are in EUR, and the org has USD")
        assert sale(here)["Amount"] == 12.5


async def test_an_amount_whose_clearing_was_lost_is_cleared_when_the_lines_are_sent_again() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40")))
        cut = Rule(kind=FaultKind.ANSWER, status=503, next=1, method="PATCH", path="*/composite/sobjects")
        here.org.control.faults(Faults(rules=(cut,)))

        answer = await here.lanes.write(the_lines(an_item(1, "40"), currency="EUR", version=2))

        assert answer == Absent("no lines: they are in EUR, and the org has USD")
        assert (shown(here), sale(here)["Amount"]) == ([], None)


async def test_where_foreign_amounts_are_dead_letters_the_lines_of_before_stay_whole() -> None:
    async with a_shop(foreign_amount=ForeignAmount.DEAD_LETTER) as here:
        await here.lanes.write(the_lines(an_item(1, "40")))

        answer = await here.lanes.write(the_lines(an_item(1, "50"), currency="EUR", version=2))

        assert isinstance(answer, Rejected)
        assert answer.code == "FOREIGN_AMOUNT"
        assert sale(here)["Amount"] == 40.0


async def test_a_line_whose_price_a_person_shut_is_refused_by_name_and_the_earlier_lines_stay() -> None:
    async with a_shop(sales=2) as here:
        await here.lanes.write(the_lines(an_item(1, "5", product="rent"), invoice=11))
        await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "9")))
        here.org.control.people.edit("PricebookEntry", entry_of(here, "rent")["Id"], {"IsActive": False})

        answer = await here.lanes.write(
            the_lines(an_item(1, "41"), an_item(2, "9", product="rent"), version=2)
        )

        assert isinstance(answer, Rejected)
        assert answer.code == "inactive-price"
        assert "activate" in answer.mend
        assert sale(here)["Amount"] == 49.0


async def test_a_refused_new_line_leaves_the_opportunity_as_it_was() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "9")))
        rule = ValidationRule(sobject="OpportunityLineItem", refuse_when="UnitPrice = 8", message="Not 8.")
        here.org.control.rules(Rules(validation=(rule,)))

        answer = await here.lanes.write(the_lines(an_item(1, "41"), an_item(3, "8"), version=2))

        assert isinstance(answer, Rejected)
        assert sale(here)["Amount"] == 49.0


async def test_a_product_of_their_own_is_sold_from_the_next_change_on_and_the_line_is_made_anew_once() -> (
    None
):
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40")))
        theirs = moved_to_their_own(here)

        answer = await here.lanes.write(the_lines(an_item(1, "50"), version=2))
        (line,) = here.org.control.people.rows("OpportunityLineItem")
        await here.lanes.write(the_lines(an_item(1, "60"), version=3))
        (later,) = here.org.control.people.rows("OpportunityLineItem")

        assert isinstance(answer, Applied)
        assert line["Product2Id"] == theirs
        assert (later["Id"], later["UnitPrice"]) == (line["Id"], 60.0)


async def test_after_an_hour_prices_are_looked_up_again_and_a_moved_product_is_found() -> None:
    async with a_shop() as here:
        wanted = Wanted("ACC1:design", "Design", "", "")
        ageing, fresh = (Prices(here.lanes.org(ACME).client, kept=kept) for kept in (0.0, KEPT))
        before = [(await prices.entries([wanted]))[wanted.key] for prices in (ageing, fresh)]
        theirs = moved_to_their_own(here)

        after = [(await prices.entries([wanted]))[wanted.key] for prices in (ageing, fresh)]

        assert before[0] == before[1] == after[1]
        assert after[0] == here.row("PricebookEntry", "Product2Id", theirs)["Id"]
