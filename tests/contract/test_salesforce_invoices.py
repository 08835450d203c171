"""Salesforce's own Invoices, found and linked over HTTP in every kind of org; none is ever made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.salesforce.checkup import checkup
from app.salesforce.lanes.pace import Pace
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile
from streams.ports import Absent, Answer, Applied
from tests.builders.peer import peer_of
from tests.builders.salesforce import ACME, a_link, an_account, an_opportunity
from tests.builders.salesforce_org import Joined, joined_org

LINK = "FreshBooks_Salesforce_Invoice__c"
OM, BILLING = "order-management", "billing"


@asynccontextmanager
async def an_org(profile: str | Profile, opportunities: int = 1) -> AsyncIterator[Joined]:
    """An org with one Account and its Opportunities, numbered from 10."""
    async with joined_org(profile, pace=Pace()) as here:
        sales = (an_opportunity(number, 1) for number in range(10, 10 + opportunities))
        await asyncio.gather(*map(here.lanes.write, (an_account(1), *sales)))
        here.org.control.reset_counters()
        yield here


def account(here: Joined) -> str:
    return str(here.row("Account", "FreshBooks_Client_Id__c", "ACC1:1")["Id"])


def sale(here: Joined, invoice: int = 10) -> dict[str, Any]:
    return here.row("Opportunity", "FreshBooks_Invoice_Id__c", f"ACC1:{invoice}")


def order(here: Joined, invoice: int = 10) -> str:
    its = {"AccountId": account(here), "OpportunityId": sale(here, invoice)["Id"]}
    fields = {"EffectiveDate": "2026-03-01", "Status": "Draft"} | its
    return here.org.control.people.insert("Order", fields)[0]


def an_invoice(here: Joined, **fields: Any) -> str:
    """Let the org make an Invoice."""
    days = {"InvoiceDate": "2026-03-01", "DueDate": "2026-03-31"}
    whole = {"BillingAccountId": account(here)} | days | fields
    return here.org.control.people.insert("Invoice", whole)[0]


@pytest.mark.parametrize("profile", [OM, BILLING])
async def test_the_invoice_of_the_order_is_linked_on_the_opportunity(profile: str) -> None:
    async with an_org(profile) as here:
        its = an_invoice(here, ReferenceEntityId=order(here))

        answer = await here.lanes.write(a_link(10))

        assert isinstance(answer, Applied)
        assert answer.notes == (f"linked to Invoice {its}",)
        assert sale(here)[LINK] == its


async def test_the_invoice_of_the_order_s_summary_is_linked() -> None:
    async with an_org(OM) as here:
        (summary,) = here.org.control.people.insert("OrderSummary", {"OriginalOrderId": order(here)})
        its = an_invoice(here, ReferenceEntityId=summary)

        await here.lanes.write(a_link(10))

        assert sale(here)[LINK] == its


async def test_an_invoice_that_refers_to_the_opportunity_itself_is_linked_where_it_may() -> None:
    async with an_org(BILLING) as here:
        its = an_invoice(here, ReferenceEntityId=sale(here)["Id"])

        await here.lanes.write(a_link(10))

        assert sale(here)[LINK] == its


@pytest.mark.parametrize("profile", [OM, BILLING])
async def test_without_an_order_the_number_tells_among_the_invoices_of_the_account(profile: str) -> None:
    async with an_org(profile) as here:
        (stranger,) = here.org.control.people.insert("Account", {"Name": "Other"})
        an_invoice(here, InvoiceNumber="0042", BillingAccountId=stranger)
        its = an_invoice(here, InvoiceNumber="0042")

        answer = await here.lanes.write(a_link(10, "0042"))

        assert isinstance(answer, Applied)
        assert sale(here)[LINK] == its


async def test_the_number_that_the_org_gave_it_tells_as_well() -> None:
    async with an_org(OM) as here:
        its = an_invoice(here)
        given = here.row("Invoice", "Id", its)["DocumentNumber"]

        await here.lanes.write(a_link(10, given))

        assert sale(here)[LINK] == its


async def test_several_that_could_be_meant_are_not_linked_and_it_is_said() -> None:
    async with an_org(OM) as here:
        its = order(here)
        for _ in range(2):
            an_invoice(here, ReferenceEntityId=its)

        answer = await here.lanes.write(a_link(10))

        assert isinstance(answer, Absent)
        assert "several" in answer.why
        assert sale(here).get(LINK) is None


async def test_a_voided_invoice_stands_for_nothing() -> None:
    async with an_org(BILLING) as here:
        its = order(here)
        an_invoice(here, ReferenceEntityId=its, Status="Voided")
        new = an_invoice(here, ReferenceEntityId=its)

        await here.lanes.write(a_link(10))

        assert sale(here)[LINK] == new


@pytest.mark.parametrize("profile", [OM, BILLING])
async def test_where_there_is_no_such_invoice_none_is_made(profile: str) -> None:
    async with an_org(profile, opportunities=2) as here:
        an_invoice(here, ReferenceEntityId=order(here, 11))

        answer = await here.lanes.write(a_link(10, "0042"))

        assert isinstance(answer, Absent)
        assert len(here.org.control.people.rows("Invoice")) == 1


@pytest.mark.parametrize(("profile", "calls"), [("prepared", 1), (OM, 2)], ids=["no object", "no Invoice"])
async def test_an_org_without_invoices_costs_no_call_per_row(profile: str, calls: int) -> None:
    async with an_org(profile, opportunities=300) as here:
        answers = await asyncio.gather(*(here.lanes.write(a_link(n)) for n in range(10, 310)))

        assert all(isinstance(it, Absent) for it in answers)
        assert here.calls() == calls


async def test_a_link_that_is_there_already_is_not_written_again() -> None:
    async with an_org(OM) as here:
        an_invoice(here, ReferenceEntityId=order(here))
        await here.lanes.write(a_link(10))
        here.org.control.keep_history()

        answer = await here.lanes.write(a_link(10, version=2))

        assert isinstance(answer, Applied)
        assert here.org.control.history(str(sale(here)["Id"])) == []


async def test_a_link_is_taken_away_where_the_mapping_says_so() -> None:
    async with an_org(OM) as here:
        an_invoice(here, ReferenceEntityId=order(here))
        await here.lanes.write(a_link(10))

        answer = await here.lanes.write(a_link(10, paid=False, version=2))

        assert isinstance(answer, Applied)
        assert sale(here)[LINK] is None


async def test_two_hundred_links_cost_a_handful_of_queries_and_one_update() -> None:
    async with an_org(OM, opportunities=200) as here:
        invoices = [an_invoice(here, ReferenceEntityId=order(here, n)) for n in range(10, 210)]

        answers: list[Answer] = await asyncio.gather(*(here.lanes.write(a_link(n)) for n in range(10, 210)))

        assert all(isinstance(it, Applied) for it in answers)
        assert [sale(here, n)[LINK] for n in range(10, 210)] == invoices
        assert here.calls() <= 12


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/composite/*"),
        Rule(kind=FaultKind.ANSWER, status=503, next=3, path="*/query*"),
    ],
    ids=["lost answer", "query fails"],
)
async def test_bad_weather_passes(rule: Rule) -> None:
    async with an_org(OM) as here:
        its = an_invoice(here, ReferenceEntityId=order(here))
        here.org.control.faults(Faults(rules=(rule,)))

        await here.lanes.write(a_link(10))

        assert sale(here)[LINK] == its


@pytest.mark.parametrize(
    ("profile", "says"),
    [("prepared", "none in this org"), (OM, "Order Management"), (BILLING, "Billing")],
)
async def test_a_checkup_tells_which_kind_of_org_it_is(profile: str, says: str) -> None:
    async with an_org(profile) as here:
        findings = [finding async for finding in checkup(here.lanes.client(ACME))]

        (its,) = (finding for finding in findings if finding.what == "Salesforce Invoice")
        assert its.well
        assert says in its.says


async def test_simple_salesforce_reads_the_link_back() -> None:
    async with an_org(OM) as here:
        its = an_invoice(here, ReferenceEntityId=order(here))
        await here.lanes.write(a_link(10))

        def read() -> object:
            with peer_of(here.org) as peer:
                return peer.Opportunity.get(sale(here)["Id"])[LINK]

        assert await asyncio.to_thread(read) == its


async def test_the_link_is_written_where_a_column_of_invoices_was_hidden_meanwhile() -> None:
    async with an_org(BILLING, opportunities=2) as here:
        an_invoice(here, ReferenceEntityId=order(here, 10))
        its = an_invoice(here, ReferenceEntityId=order(here, 11))
        await here.lanes.write(a_link(10))
        here.org.control.profile(hidden=["Invoice.DocumentNumber"])

        answer = await here.lanes.write(a_link(11))

        assert isinstance(answer, Applied)
        assert sale(here, 11)[LINK] == its
