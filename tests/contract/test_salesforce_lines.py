"""Lines of Opportunities over HTTP: made, changed and taken away until they are the invoice's."""

import asyncio
from typing import Any

import pytest

from app.salesforce.checkup import checkup
from app.salesforce.shape.selling import lacks
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.ports import Absent, Applied, Rejected
from tests.builders.itemised import LINE_KEY, a_shop, an_item, itemising, shown, the_lines
from tests.builders.salesforce import ACME, an_account, an_opportunity
from tests.builders.salesforce_org import Joined, joined_org


def sale(here: Joined) -> dict[str, Any]:
    return here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:10")


def by_person(here: Joined, price: float = 5) -> str:
    """Let a person sell something of the org's own on the Opportunity."""
    people = here.org.control.people
    (book,) = (row["Id"] for row in people.rows("Pricebook2") if row["IsStandard"])
    (product,) = people.insert("Product2", {"Name": "Their own", "IsActive": True})
    entry = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 1, "IsActive": True}
    (its,) = people.insert("PricebookEntry", entry)
    line = {"OpportunityId": sale(here)["Id"], "PricebookEntryId": its, "Quantity": 1, "UnitPrice": price}
    (made,) = people.insert("OpportunityLineItem", line)
    return made


async def test_the_lines_of_an_invoice_become_those_of_its_opportunity_and_make_its_amount() -> None:
    async with a_shop() as here:
        answer = await here.lanes.write(
            the_lines(an_item(1, "40.00", "3", note="Walls"), an_item("tax", "15.6"))
        )

        assert isinstance(answer, Applied)
        assert answer.salesforce_id == sale(here)["Id"]
        assert shown(here) == [
            ("ACC1:10:1", 3.0, 40.0, 120.0, "Walls"),
            ("ACC1:10:tax", 1.0, 15.6, 15.6, None),
        ]
        assert (sale(here)["Amount"], sale(here)["HasOpportunityLineItem"]) == (135.6, True)


async def test_a_product_is_made_once_with_a_price_of_nothing_and_keeps_the_name_that_people_give_it() -> (
    None
):
    async with a_shop(sales=2) as here:
        await here.lanes.write(the_lines(an_item(1, "40.00")))
        (product,) = here.org.control.people.rows("Product2")
        here.org.control.people.edit("Product2", product["Id"], {"Name": "Design, hourly"})
        await here.lanes.write(the_lines(an_item(1, "50.00"), invoice=11))

        (product,) = here.org.control.people.rows("Product2")
        (entry,) = here.org.control.people.rows("PricebookEntry")
        assert (product["Name"], product["IsActive"]) == ("Design, hourly", True)
        assert (entry["UnitPrice"], entry["IsActive"]) == (0.0, True)


async def test_an_edited_invoice_leaves_exactly_its_present_lines() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "7"), an_item(3, "9", product="paint")))

        now = (an_item(2, "8", "2"), an_item(3, "9", product="rent"), an_item(4, "1"))
        answer = await here.lanes.write(the_lines(*now, version=2))

        assert isinstance(answer, Applied)
        assert [line[:4] for line in shown(here)] == [
            ("ACC1:10:2", 2.0, 8.0, 16.0),
            ("ACC1:10:3", 1.0, 9.0, 9.0),
            ("ACC1:10:4", 1.0, 1.0, 1.0),
        ]
        assert sale(here)["Amount"] == 26.0


async def test_hundreds_of_lines_of_one_invoice_are_written_two_hundred_a_call() -> None:
    async with a_shop() as here:
        many = [an_item(number, "1.25", product=f"p{number % 3}") for number in range(1, 452)]
        made = await here.lanes.write(the_lines(*many))
        here.org.control.reset_counters()

        fewer = await here.lanes.write(the_lines(*many[:20], version=2))

        assert isinstance(made, Applied)
        assert isinstance(fewer, Applied)
        assert len(shown(here)) == 20
        assert here.calls() == 2 + 3, "two looks, and 431 deleted lines by 200"
        assert sale(here)["Amount"] == 25.0


async def test_newer_lines_of_an_opportunity_take_the_place_of_those_that_still_wait() -> None:
    async with a_shop() as here:
        versions = [the_lines(an_item(1, f"{price}.00"), version=price) for price in range(1, 21)]

        answers = await asyncio.gather(*map(here.lanes.write, versions))

        assert isinstance(answers[-1], Applied)
        assert shown(here) == [("ACC1:10:1", 1.0, 20.0, 20.0, None)]
        assert here.calls() <= 14, "not two looks for each of them"


async def test_lines_in_another_order_are_the_same_lines_and_nothing_is_written() -> None:
    async with a_shop() as here:
        one, other = an_item(1, "40"), an_item(2, "7")
        await here.lanes.write(the_lines(one, other))
        here.org.control.reset_counters()

        answer = await here.lanes.write(the_lines(other, one, version=2))

        assert isinstance(answer, Applied)
        assert here.calls() == 2


async def test_a_line_description_that_is_hidden_from_us_is_left_out_and_all_else_written() -> None:
    async with a_shop() as here:
        here.org.control.profile(hidden=["OpportunityLineItem.Description"])

        answer = await here.lanes.write(the_lines(an_item(1, "40", note="Walls")))
        again = await here.lanes.write(the_lines(an_item(1, "40", note="Walls"), version=2))

        assert isinstance(answer, Applied)
        assert isinstance(again, Applied)
        assert "the Opportunity has these lines already" in again.notes
        assert shown(here) == [("ACC1:10:1", 1.0, 40.0, 40.0, None)]


async def test_lines_that_stand_there_already_are_looked_at_and_not_written() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40", note="Walls")))
        here.org.control.reset_counters()

        answer = await here.lanes.write(the_lines(an_item(1, "40", note="Walls"), version=2))

        assert isinstance(answer, Applied)
        assert "the Opportunity has these lines already" in answer.notes
        assert here.calls() == 2


async def test_a_line_that_a_person_changed_is_the_invoices_again_with_the_next_change() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40")))
        (line,) = here.org.control.people.rows("OpportunityLineItem")
        here.org.control.people.edit("OpportunityLineItem", line["Id"], {"Discount": 10})

        await here.lanes.write(the_lines(an_item(1, "41"), version=2))

        (line,) = here.org.control.people.rows("OpportunityLineItem")
        assert (line["UnitPrice"], line["TotalPrice"]) == (41.0, 41.0)


async def test_an_opportunity_that_a_person_itemised_gets_no_lines_of_ours() -> None:
    async with a_shop() as here:
        by_person(here)

        answer = await here.lanes.write(the_lines(an_item(1, "40")))

        assert isinstance(answer, Absent)
        assert "a person itemised" in answer.why
        assert sale(here)["Amount"] == 5.0


async def test_what_a_person_adds_to_our_lines_stays_and_is_said() -> None:
    async with a_shop() as here:
        await here.lanes.write(the_lines(an_item(1, "40")))
        theirs = by_person(here)

        answer = await here.lanes.write(the_lines(an_item(2, "30"), version=2))

        assert isinstance(answer, Applied)
        assert any("a person added lines" in note for note in answer.notes)
        assert here.row("OpportunityLineItem", "Id", theirs)["UnitPrice"] == 5.0
        assert sale(here)["Amount"] == 35.0


async def test_two_hundred_invoices_of_three_lines_cost_fifteen_calls() -> None:
    async with a_shop(sales=200) as here:
        some = (an_item(1, "40"), an_item(2, "7"), an_item("tax", "6.11", product="vat"))

        answers = await asyncio.gather(
            *(here.lanes.write(the_lines(*some, invoice=number)) for number in range(10, 210))
        )

        assert all(isinstance(it, Applied) for it in answers)
        assert len(shown(here)) == 600
        assert here.calls() == 2 + 5 + 6 + 2, (
            "descriptions; looks at sales, lines, book, entries and products; what is written; what was made"
        )


async def test_an_opportunity_with_a_price_book_of_its_own_sells_by_that_one() -> None:
    async with a_shop() as here:
        (book,) = here.org.control.people.insert("Pricebook2", {"Name": "Europe", "IsActive": True})
        here.org.control.people.edit("Opportunity", sale(here)["Id"], {"Pricebook2Id": book})

        answer = await here.lanes.write(the_lines(an_item(1, "40")))

        assert isinstance(answer, Applied)
        assert sale(here)["Pricebook2Id"] == book
        assert len(here.org.control.people.rows("PricebookEntry")) == 2


async def test_each_currency_of_an_org_has_an_entry_of_its_own() -> None:
    async with a_shop("multi-currency", sales=2) as here:
        people = here.org.control.people
        euros = here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:11")
        people.edit("Opportunity", euros["Id"], {"CurrencyIsoCode": "EUR"})

        dollars = await here.lanes.write(the_lines(an_item(1, "40")))
        other = await here.lanes.write(the_lines(an_item(1, "50"), invoice=11, currency="EUR"))

        assert isinstance(dollars, Applied)
        assert isinstance(other, Applied)
        assert {row["CurrencyIsoCode"] for row in people.rows("PricebookEntry")} == {"USD", "EUR"}


async def test_amounts_that_the_org_cannot_hold_in_their_currency_make_no_lines() -> None:
    async with a_shop() as here:
        answer = await here.lanes.write(the_lines(an_item(1, "40"), currency="EUR"))

        assert answer == Absent("no lines: they are in EUR, and the org has USD")
        assert shown(here) == []


async def test_without_its_opportunity_no_line_is_made_and_it_is_said() -> None:
    async with a_shop() as here:
        answer = await here.lanes.write(the_lines(an_item(1, "40"), invoice=99))

        assert isinstance(answer, Absent)
        assert "no Opportunity of this invoice" in answer.why


async def test_what_an_org_lacks_for_lines_is_told_with_the_mend() -> None:
    async with a_shop() as ready, joined_org() as plain:
        there = [it async for it in lacks(ready.lanes.org(ACME).client)]
        missing = [it async for it in lacks(plain.lanes.org(ACME).client)]

    assert there == []
    assert [it.sobject for it in missing] == ["OpportunityLineItem", "Product2"]
    assert "external id FreshBooks_Line_Id__c is absent" in missing[0].says
    assert {it.mend for it in missing} == {"freshforce setup salesforce NAME --lines"}


async def test_ping_speaks_of_lines_only_where_the_mapping_asks_for_them() -> None:
    async with joined_org(mapping=itemising()) as asked, joined_org() as silent:
        told = [it async for it in checkup(asked.lanes.org(ACME).client)]
        untold = [it async for it in checkup(silent.lanes.org(ACME).client)]

    assert {it.well for it in told if it.what == "Salesforce line items"} == {False}
    assert "Salesforce line items" not in {it.what for it in untold}


async def test_an_org_without_the_fields_gets_everything_but_lines() -> None:
    async with joined_org() as here:
        await here.lanes.write(an_account(1))
        await here.lanes.write(an_opportunity(10))

        answer = await here.lanes.write(the_lines(an_item(1, "40")))

        assert isinstance(answer, Absent)
        assert isinstance(await here.lanes.write(an_opportunity(11)), Applied)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/composite/sobjects/Product2/*"),
        Rule(kind=FaultKind.LOST_ANSWER, next=1, method="POST", path="*/composite/sobjects"),
        Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/composite/sobjects/OpportunityLineItem/*"),
        Rule(kind=FaultKind.ANSWER, status=503, next=2, path="*/composite/sobjects*"),
        Rule(kind=FaultKind.HTML, status=502, next=2, path="*/query*"),
    ],
)
async def test_whatever_answer_is_lost_no_line_product_or_price_is_made_twice(rule: Rule) -> None:
    async with a_shop() as here:
        here.org.control.faults(Faults(rules=(rule,)))

        answer = await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "2")))

        assert isinstance(answer, Applied)
        assert [line[0] for line in shown(here)] == ["ACC1:10:1", "ACC1:10:2"]
        assert len(here.org.control.people.rows("Product2")) == 1
        assert len(here.org.control.people.rows("PricebookEntry")) == 1


async def test_a_price_that_does_not_fit_is_refused_before_any_call() -> None:
    async with a_shop() as here:
        answer = await here.lanes.write(the_lines(an_item(1, "40.005")))

        assert isinstance(answer, Rejected)
        assert answer.fields == ("UnitPrice",)
        assert LINE_KEY not in str(answer)
