"""Orders of no Opportunity that carry an invoice's PO number."""

import asyncio

from streams.ports import Absent, Answer, Applied
from tests.builders.people_orders import amount, an_org, order
from tests.builders.salesforce import an_order


async def test_an_order_without_opportunity_is_found_by_its_po_number_among_its_accounts() -> None:
    async with an_org() as here:
        (stranger,) = here.org.control.people.insert("Account", {"Name": "Other"})
        theirs = order(here, None, PoNumber="PO-7", AccountId=stranger)
        its = order(here, None, PoNumber="po-7")

        answer = await here.lanes.write(an_order(10, "12.50", po_number="PO-7"))

        assert isinstance(answer, Applied)
        assert (amount(here, its), amount(here, theirs)) == (12.5, None)


async def test_an_order_of_another_opportunity_is_not_taken_for_its_po_number() -> None:
    async with an_org(opportunities=2) as here:
        another = order(here, 11, PoNumber="PO-7")

        answer = await here.lanes.write(an_order(10, "12.50", po_number="PO-7"))

        assert isinstance(answer, Absent)
        assert amount(here, another) is None


async def test_a_po_number_that_several_orders_or_invoices_share_writes_none() -> None:
    async with an_org(opportunities=3) as here:
        orders = [order(here, None, PoNumber=it) for it in ("A", "A", "B")]

        answers: list[Answer] = await asyncio.gather(
            *(
                here.lanes.write(an_order(invoice, "1", po_number=number))
                for invoice, number in ((10, "A"), (11, "B"), (12, "B"))
            )
        )

        assert [type(it) for it in answers] == [Absent] * 3
        assert [amount(here, it) for it in orders] == [None] * 3
