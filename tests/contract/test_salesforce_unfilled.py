"""Orders that came to Opportunities of ours after their invoices, asked for over HTTP."""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.salesforce.calls.budget import ASKS_AFTER, PAYMENTS_FIRST
from app.salesforce.found.presence import UNSEEN
from app.salesforce.reads.unfilled import Numbered, Unfilled, UnfilledOrders
from app.sandbox.salesforce.profile import Profile
from streams.domain.errors import FreshforceError, RateLimited
from streams.domain.identity import AccountId, ClientId, SalesforceId
from streams.mapping.reading import default_text, read
from tests.builders import people_orders
from tests.builders.people_orders import AMOUNT, order
from tests.builders.salesforce import ACME
from tests.builders.salesforce_org import Joined

CURRENCY = "FreshBooks_Currency__c"
FILLED = {AMOUNT: 7, CURRENCY: "CAD"}
BEFORE = Profile.named("prepared").with_(hidden={f"Order.{CURRENCY}"})
"""An org that was set up before Orders had a currency of ours."""
UNPREPARED = Profile.named("prepared").with_(hidden={f"Order.{name}" for name in FILLED})
_OURS = f'{AMOUNT} = "invoice.billed"'
WITH_MORE = default_text().replace(_OURS, f'{_OURS}\nOrderReferenceNumber = "invoice.po_number"')


def an_org(profile: str | Profile = "prepared", **settings: Any) -> AbstractAsyncContextManager[Joined]:
    """An org with the Opportunities of invoices 10 and 11."""
    return people_orders.an_org(profile, 2, freshbooks_account_id=AccountId("ACC1"), **settings)


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - the sandbox lives now


async def asked(
    here: Joined, orders: UnfilledOrders, since: datetime | None = None, *, text: str = ""
) -> list[Unfilled]:
    sheet = read(text).order
    assert sheet is not None
    pages = orders.since(here.settings[ACME], sheet, since or a_while_ago())
    return [it async for page in pages for it in page]


async def test_an_order_is_unfilled_until_the_amount_stands_on_it() -> None:
    async with an_org() as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here)
        order(here, 11, **FILLED)
        order(here, None)

        assert await asked(here, orders) == [(its, "ACC1:10")]

        here.org.control.people.edit("Order", its, FILLED | {AMOUNT: 0})
        assert await asked(here, orders) == []


async def test_a_look_costs_one_call_once_the_fields_are_known() -> None:
    async with an_org() as here:
        orders = UnfilledOrders(here.lanes.client(ACME))
        for invoice in (10, 11) * 10:
            order(here, invoice)

        await asked(here, orders)
        first = here.calls()
        assert len(await asked(here, orders)) == 20

        assert (first, here.calls()) == (2, 3), "describe, and a page; a page"


async def test_only_what_was_touched_since_is_asked_for_and_to_join_an_opportunity_touches() -> None:
    async with an_org() as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here, None)
        here.org.control.advance(timedelta(days=1))
        later = a_while_ago() + timedelta(days=1)
        an_order_of_before = await asked(here, orders, later)
        sale = here.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:10")

        here.org.control.people.edit("Order", its, {"OpportunityId": sale["Id"]})

        assert an_order_of_before == []
        assert await asked(here, orders, later) == [(its, "ACC1:10")]
        assert await asked(here, orders, later + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "profile",
    [
        Profile.named("prepared").with_(orders=False),
        Profile.named("prepared").with_(hidden={"Order.OpportunityId"}),
    ],
    ids=["no object Order", "hidden from us"],
)
async def test_an_org_that_shows_us_no_orders_says_so_by_a_code(profile: Profile) -> None:
    async with an_org(profile) as here:
        with pytest.raises(FreshforceError) as refused:
            await asked(here, UnfilledOrders(here.lanes.client(ACME)))

        assert refused.value.code in UNSEEN


async def test_an_org_without_our_field_has_nothing_to_fill_and_is_asked_for_it_alone() -> None:
    async with an_org(UNPREPARED) as here:
        order(here)

        assert await asked(here, UnfilledOrders(here.lanes.client(ACME))) == []
        assert here.calls() == 1


async def test_a_field_that_is_hidden_later_does_not_end_the_looks_for_the_others() -> None:
    async with an_org() as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here)
        await asked(here, orders, text=WITH_MORE)
        here.org.control.profile(hidden=[f"Order.{AMOUNT}"])

        with pytest.raises(FreshforceError) as refused:
            await asked(here, orders, text=WITH_MORE)

        assert refused.value.code in UNSEEN
        assert await asked(here, orders, text=WITH_MORE) == [(its, "ACC1:10")]


async def test_a_look_costs_a_second_call_for_as_long_as_the_org_lacks_one_of_the_fields() -> None:
    async with an_org(BEFORE) as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here)
        await asked(here, orders)
        here.org.control.reset_counters()

        assert await asked(here, orders) == [(its, "ACC1:10")]

        assert here.calls() == 2, "describe, and a page"


@pytest.mark.parametrize("lacks", [{AMOUNT, CURRENCY}, {CURRENCY}], ids=["all of ours", "one of them"])
async def test_a_field_that_an_org_lacked_is_asked_about_once_it_is_there(lacks: set[str]) -> None:
    hidden = {f"Order.{name}" for name in lacks}
    async with an_org(Profile.named("prepared").with_(hidden=hidden)) as here:
        orders = UnfilledOrders(here.lanes.client(ACME))
        its = order(here, 10, **{name: its for name, its in FILLED.items() if name not in lacks})
        assert await asked(here, orders) == []
        here.org.control.profile(hidden=[])

        assert await asked(here, orders) == [(its, "ACC1:10")]


async def test_an_order_of_no_opportunity_is_found_with_its_number_and_its_account_s_client() -> None:
    async with an_org() as here:
        orders = UnfilledOrders(here.lanes.client(ACME))
        (stranger,) = here.org.control.people.insert("Account", {"Name": "Other"})
        its = order(here, None, PoNumber="PO-7")
        order(here, None)
        order(here, 10, PoNumber="PO-7")
        order(here, None, PoNumber="PO-7", **FILLED)
        order(here, None, PoNumber="PO-7", AccountId=stranger)
        sheet = read("").order
        assert sheet is not None

        pages = orders.numbered(here.settings[ACME], sheet, a_while_ago())

        assert [it async for page in pages for it in page] == [
            Numbered(SalesforceId(its), "PO-7", ClientId(1))
        ]


async def test_a_look_takes_no_call_that_our_share_has_no_room_for() -> None:
    async with an_org(api_share=0.0001) as here:
        orders = UnfilledOrders(here.lanes.client(ACME))
        orders.client.budget.limit, orders.client.budget.used = 1000, 900
        orders.client.budget.count(asyncio.get_running_loop().time())

        with pytest.raises(RateLimited):
            await asked(here, orders)

        assert here.calls() == 0


async def test_a_look_after_some_quiet_hears_that_our_share_has_room_again() -> None:
    async with an_org() as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here)
        orders.client.budget.limit, orders.client.budget.used = 1000, 900
        orders.client.budget.count(asyncio.get_running_loop().time() - ASKS_AFTER - PAYMENTS_FIRST)

        assert await asked(here, orders) == [(its, "ACC1:10")]


async def test_a_look_that_read_everything_is_no_failure_though_its_last_call_used_our_share_up() -> None:
    async with an_org() as here:
        orders, its = UnfilledOrders(here.lanes.client(ACME)), order(here)
        await asked(here, orders)
        here.org.control.limit(daily=1000, used=900)

        assert await asked(here, orders) == [(its, "ACC1:10")]
        with pytest.raises(RateLimited):
            await asked(here, orders)


@pytest.mark.parametrize(("profile", "calls"), [("prepared", 2), (BEFORE, 3)], ids=["has all", "lacks one"])
async def test_a_look_for_both_kinds_describes_once_at_most(profile: str | Profile, calls: int) -> None:
    async with an_org(profile) as here:
        orders, sheet = UnfilledOrders(here.lanes.client(ACME)), read("").order
        assert sheet is not None

        async def look() -> None:
            for asks in orders.since, orders.numbered:
                assert [page async for page in asks(here.settings[ACME], sheet, a_while_ago())] == [[]]

        await look()
        here.org.control.reset_counters()

        await look()

        assert here.calls() == calls
