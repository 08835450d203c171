"""Amounts in an org of one currency and in one of several: never converted, never passed for another's."""

from decimal import Decimal
from typing import Any

from streams.domain.command import Command, Field, Figure, SObject
from streams.domain.connection import ForeignAmount
from streams.ports import Applied, Rejected
from tests.builders.salesforce import a_command, an_account
from tests.builders.salesforce_org import Joined, joined_org


def an_invoice(currency: str, *, version: int = 1) -> Command:
    amount = Figure(figure=Decimal("12.50"), currency=currency)
    fields: dict[str, Field] = {
        "Name": "Invoice 1",
        "StageName": "Closed Won",
        "CloseDate": "2026-11-28",
        "Amount": amount,
        "FreshBooks_Amount__c": amount,
        "FreshBooks_Currency__c": currency,
    }
    return a_command(SObject.OPPORTUNITY, "ACC1:10", version=version, fields=fields)


def held(joined: Joined) -> dict[str, Any]:
    return joined.row("Opportunity", "FreshBooks_Invoice_Id__c", "ACC1:10")


async def test_an_amount_in_the_org_s_currency_is_its_amount() -> None:
    async with joined_org(org_currency="CAD") as joined:
        answer = await joined.lanes.write(an_invoice("CAD"))

        assert isinstance(answer, Applied)
        assert answer.notes == ()
        assert held(joined)["Amount"] == Decimal("12.5")


async def test_a_foreign_amount_is_left_out_and_stands_beside_with_its_currency() -> None:
    async with joined_org() as joined:
        answer = await joined.lanes.write(an_invoice("EUR"))

        assert isinstance(answer, Applied)
        assert answer.notes == ("Amount: left out, EUR where the org has USD",)
        row = held(joined)
        assert row.get("Amount") is None
        assert (row["FreshBooks_Amount__c"], row["FreshBooks_Currency__c"]) == (Decimal("12.5"), "EUR")


async def test_an_invoice_that_becomes_a_foreign_one_takes_its_amount_away() -> None:
    async with joined_org() as joined:
        await joined.lanes.write(an_invoice("USD"))
        await joined.lanes.write(an_invoice("EUR", version=2))

        assert held(joined)["Amount"] is None


async def test_a_connection_may_bury_foreign_amounts() -> None:
    async with joined_org(foreign_amount=ForeignAmount.DEAD_LETTER) as joined:
        answer = await joined.lanes.write(an_invoice("EUR"))

        assert isinstance(answer, Rejected)
        assert (answer.code, answer.fields) == ("FOREIGN_AMOUNT", ("Amount",))
        assert "foreign_amount" in answer.mend


async def test_a_connection_may_know_better() -> None:
    async with joined_org(foreign_amount=ForeignAmount.WRITE) as joined:
        await joined.lanes.write(an_invoice("EUR"))

        assert held(joined)["Amount"] == Decimal("12.5")


async def test_where_the_org_has_several_currencies_an_amount_keeps_its_own() -> None:
    async with joined_org("multi-currency") as joined:
        await joined.lanes.write(an_invoice("USD"))
        await joined.lanes.write(an_invoice("EUR", version=2))

        row = held(joined)
        assert (row["Amount"], row["CurrencyIsoCode"]) == (Decimal("12.5"), "EUR")


async def test_a_currency_that_the_org_does_not_use_is_refused_before_any_write() -> None:
    async with joined_org("multi-currency") as joined:
        answer = await joined.lanes.write(an_invoice("NOK"))

        assert isinstance(answer, Rejected)
        assert answer.fields == ("CurrencyIsoCode",)
        assert joined.org.control.counters()["rows_per_call"] == {}


async def test_a_row_without_amounts_has_the_org_s_own_currency() -> None:
    async with joined_org("multi-currency") as joined:
        await joined.lanes.write(an_account(1))

        assert joined.row("Account", "FreshBooks_Client_Id__c", "ACC1:1")["CurrencyIsoCode"] == "USD"
