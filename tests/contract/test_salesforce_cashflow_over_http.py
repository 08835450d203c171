"""Expected money, read from an org over HTTP: invoices of ours, other people's pipeline, never a write."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.salesforce.reads.affordable import ShareUsed
from app.salesforce.reads.cashflow import NotSetUp, cashflow
from app.salesforce.reads.expected import Cashflow
from streams.domain.connection import Connection
from streams.domain.identity import AccountId
from tests.builders.salesforce import ACME, a_connection
from tests.builders.salesforce_org import Joined, joined_org

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OURS = a_connection(freshbooks_account_id=AccountId("ACC1"))


def an_invoice(number: int, due: str | None, left: float, **more: Any) -> dict[str, Any]:
    return {
        "Name": f"Invoice {number}",
        "StageName": "Negotiation/Review",
        "CloseDate": "2026-03-31",
        "Amount": left,
        "FreshBooks_Invoice_Id__c": f"ACC1:{number}",
        "FreshBooks_Due_Date__c": due,
        "FreshBooks_Outstanding__c": left,
        "FreshBooks_Currency__c": "USD",
        "FreshBooks_Payment_Status__c": "unpaid",
    } | more


def a_deal(name: str, closes: str, amount: float | None, stage: str = "Value Proposition") -> dict[str, Any]:
    return {"Name": name, "StageName": stage, "CloseDate": closes, "Amount": amount}


async def read(here: Joined, connection: Connection = OURS, months: int = 12) -> Cashflow:
    return await cashflow(here.lanes.client(ACME), connection, NOW, months)


def told(found: Cashflow) -> list[tuple[str, str, Decimal, Decimal]]:
    return [(each.currency, each.month, each.invoices, each.pipeline) for each in found.rows]


async def test_invoices_count_when_due_and_deals_by_their_probability() -> None:
    async with joined_org() as here:
        people = here.org.control.people
        people.insert("Opportunity", an_invoice(1, "2026-03-31", 100.10), an_invoice(2, "2026-03-20", 0.20))
        people.insert("Opportunity", an_invoice(3, "2026-03-09", 50), an_invoice(4, None, 7))
        people.insert("Opportunity", a_deal("Big", "2026-05-15", 1000), a_deal("No idea", "2026-05-15", None))

        found = await read(here)

        assert told(found) == [
            ("", "2026-05", Decimal("0.00"), Decimal("500.00")),
            ("USD", "overdue", Decimal("50.00"), Decimal("0.00")),
            ("USD", "2026-03", Decimal("107.30"), Decimal("0.00")),
        ]


async def test_what_is_paid_deleted_won_or_another_accounts_is_not_expected() -> None:
    async with joined_org() as here:
        people = here.org.control.people
        people.insert(
            "Opportunity",
            an_invoice(1, "2026-04-01", 0, FreshBooks_Payment_Status__c="paid", StageName="Closed Won"),
            an_invoice(2, "2026-04-01", 9, FreshBooks_Payment_Status__c="deleted", StageName="Closed Lost"),
            an_invoice(3, "2026-04-01", 9, FreshBooks_Invoice_Id__c="OTHER:3"),
            a_deal("Won", "2026-04-01", 9, "Closed Won"),
        )

        assert told(await read(here)) == []


async def test_a_draft_is_pipeline_as_long_as_nobody_owes_it() -> None:
    async with joined_org() as here:
        draft = an_invoice(1, "2026-04-10", 200, FreshBooks_Payment_Status__c="draft", CloseDate="2026-04-10")
        here.org.control.people.insert("Opportunity", draft)

        assert told(await read(here)) == [("", "2026-04", Decimal("0.00"), Decimal("180.00"))]


async def test_currencies_stand_apart() -> None:
    async with joined_org("multi-currency") as here:
        people = here.org.control.people
        people.insert(
            "Opportunity",
            an_invoice(1, "2026-04-01", 10, FreshBooks_Currency__c="CAD", CurrencyIsoCode="CAD"),
            an_invoice(2, "2026-04-01", 20),
            a_deal("Euro", "2026-04-01", 30) | {"CurrencyIsoCode": "EUR"},
        )

        found = await read(here)

        assert [(each.currency, each.total) for each in found.rows] == [
            ("CAD", Decimal("10.00")),
            ("EUR", Decimal("15.00")),
            ("USD", Decimal("20.00")),
        ]


async def test_pages_are_followed_to_the_end_and_every_cent_is_there() -> None:
    async with joined_org() as here:
        here.org.control.profile(page=200)
        rows = [an_invoice(number, "2026-04-01", 0.1) for number in range(1, 1001)]
        here.org.control.people.insert("Opportunity", *rows)
        here.org.control.reset_counters()

        found = await read(here)

        assert [(each.invoices, each.invoice_count) for each in found.rows] == [(Decimal("100.00"), 1000)]
        assert here.calls() == 1 + 5 + 1
        assert not [name for name in here.org.control.counters()["calls"] if not name.startswith("GET")]


async def test_an_org_without_our_fields_is_told_how_to_get_them() -> None:
    async with joined_org("plain") as here:
        with pytest.raises(NotSetUp, match="FreshBooks_Outstanding__c") as caught:
            await read(here)

        assert caught.value.mend == "freshforce setup salesforce acme"


async def test_no_page_is_asked_for_beyond_our_share() -> None:
    async with joined_org() as here:
        here.org.control.profile(page=200)
        here.org.control.people.insert(
            "Opportunity", *(an_invoice(number, "2026-04-01", 1) for number in range(1, 1001))
        )
        here.org.control.limit(daily=100)
        here.org.control.reset_counters()

        with pytest.raises(ShareUsed, match=r"our share \(3%\)"):
            await read(here, a_connection(freshbooks_account_id="ACC1", api_share=0.03))

        assert here.calls() == 3


async def test_the_last_calls_of_an_org_are_left_to_those_who_write() -> None:
    async with joined_org() as here:
        here.org.control.limit(daily=100, used=95)
        here.org.control.reset_counters()

        with pytest.raises(ShareUsed, match="96 of the org's 100 API calls") as caught:
            await read(here)

        assert here.calls() == 1
        assert "api_share" in caught.value.mend


async def test_an_org_that_shows_us_nothing_is_told_how_to_open_it() -> None:
    async with joined_org("bare") as here:
        with pytest.raises(NotSetUp, match="does not see Opportunities") as caught:
            await read(here)

        assert caught.value.mend == "freshforce setup salesforce acme"
