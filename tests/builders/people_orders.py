"""Orders that people made in an org with one Account and its Opportunities."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from app.salesforce.lanes.pace import Pace
from app.sandbox.salesforce.profile import Profile
from tests.builders.salesforce import an_account, an_opportunity
from tests.builders.salesforce_org import Joined, joined_org

AMOUNT: Final = "FreshBooks_Invoice_Amount__c"


@asynccontextmanager
async def an_org(
    profile: str | Profile = "prepared", opportunities: int = 1, **settings: Any
) -> AsyncIterator[Joined]:
    """An org with one Account and its Opportunities, numbered from 10."""
    async with joined_org(profile, pace=Pace(), **settings) as here:
        sales = (an_opportunity(number, 1) for number in range(10, 10 + opportunities))
        await asyncio.gather(*map(here.lanes.write, (an_account(1), *sales)))
        here.org.control.reset_counters()
        yield here


def order(here: Joined, invoice: int | None = 10, /, **more: Any) -> str:
    """Let a person make an Order for the Opportunity of an invoice."""
    account = here.row("Account", "FreshBooks_Client_Id__c", "ACC1:1")["Id"]
    fields = {"AccountId": account, "EffectiveDate": "2026-03-01", "Status": "Draft"} | more
    if invoice is not None:
        sale = here.row("Opportunity", "FreshBooks_Invoice_Id__c", f"ACC1:{invoice}")
        fields["OpportunityId"] = sale["Id"]
    (made,) = here.org.control.people.insert("Order", fields)
    return made


def amount(here: Joined, order_id: str) -> object:
    return here.row("Order", "Id", order_id).get(AMOUNT)
