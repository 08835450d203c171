"""Where the run-as user loses a right on what is found, its rows wait, with a mend."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.salesforce.shape.describe import shape_of
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import BY_CLIENT, Command
from streams.ports import Applied
from tests.builders.itemised import a_shop, an_item, the_lines
from tests.builders.salesforce import a_link, an_account, an_order
from tests.builders.salesforce_org import Joined
from tests.builders.waiting import until
from tests.contract.test_salesforce_found_fields import an_org, invoiced, ordered


@asynccontextmanager
async def an_ordering() -> AsyncIterator[Joined]:
    async with an_org(Profile.named("order-management")) as here:
        ordered(here, 10)
        invoiced(here, 11)
        for command in (an_order(10), a_link(11)):
            assert isinstance(await here.lanes.write(command), Applied)
        yield here


@asynccontextmanager
async def a_selling() -> AsyncIterator[Joined]:
    async with a_shop(sales=2) as here:
        await here.lanes.write(the_lines(an_item(1, "40")))
        yield here


Org = Callable[[], AbstractAsyncContextManager[Joined]]
EDITED = the_lines(an_item(1, "50"), version=2)
ADDED = the_lines(an_item(1, "40"), an_item(2, "50"), version=2)
BOOKED = the_lines(an_item(1, "40"), invoice=11)
NAMED = the_lines(an_item(1, "40"), an_item(2, "7", product="cups"), version=2)
SHARED = an_account(1, "Elm", version=2).model_copy(update={"external_id_field": BY_CLIENT})


@pytest.mark.parametrize(
    ("org", "lost", "command", "of"),
    [
        (an_ordering, {"cannot_edit": ["Order"]}, an_order(10, "13.50", version=2), "Order"),
        (an_ordering, {"cannot_edit": ["Opportunity"]}, a_link(11, paid=False, version=2), "Opportunity"),
        (an_ordering, {"cannot_edit": ["Account"]}, SHARED, "Account"),
        (a_selling, {"cannot_edit": ["OpportunityLineItem"]}, EDITED, "OpportunityLineItem"),
        (a_selling, {"cannot_create": ["OpportunityLineItem"]}, ADDED, "OpportunityLineItem"),
        (a_selling, {"cannot_edit": ["Opportunity"]}, BOOKED, "Opportunity"),
        (a_selling, {"cannot_create": ["Product2"]}, NAMED, "Product2"),
        (a_selling, {"cannot_create": ["PricebookEntry"]}, NAMED, "PricebookEntry"),
    ],
)
async def test_a_row_that_is_found_waits_for_the_right_to_write_it(
    org: Org, lost: Mapping[str, Any], command: Command, of: str
) -> None:
    async with org() as here:
        here.org.control.profile(**lost)

        with capture_logs() as events:
            answer = asyncio.create_task(here.lanes.write(command))
            await until(lambda: answer.done() or any(it["event"] == "salesforce-rests" for it in events))

        assert not answer.done(), answer.result()
        (told, *_) = [it for it in events if it["event"] == "salesforce-rests"]
        assert f"may not create or edit {of}" in told["reason"]
        answer.cancel()


def test_products_and_prices_are_only_made_so_nothing_waits_for_the_right_to_change_them() -> None:
    told = {"fields": [], "createable": True, "updateable": False}

    assert not shape_of({"name": "Product2", **told}).barred
    assert shape_of({"name": "Product2", **told, "createable": False}).barred
    assert shape_of({"name": "Account", **told}).barred
