"""What is written on rows that are found fits the org's fields as they are now, and its own currency."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import pytest

from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Command, Figure
from streams.ports import Absent, Applied, Rejected
from tests.builders.itemised import a_shop, an_item, shown, the_lines
from tests.builders.salesforce import a_link, an_account, an_opportunity, an_order
from tests.builders.salesforce_org import Joined, joined_org

AMOUNT, LINK = "FreshBooks_Invoice_Amount__c", "FreshBooks_Salesforce_Invoice__c"
TERMS = {"label": "Terms", "type": "string", "length": 40, "access": "optional"}
TEXT = {"label": "Value", "type": "string", "length": 40, "access": "optional"}
LOOK_FOR_ORDERS = UPDATE = DESCRIBE = 1
VALUE = {"label": "Value", "type": "currency", "precision": 18, "scale": 2, "access": "optional"}
SEVERAL = Profile.named("multi-currency").with_(added={"Order": {"fields": {"Value__c": VALUE}}})


@asynccontextmanager
async def an_org(profile: Profile, **given: Any) -> AsyncIterator[Joined]:
    """An org with one Account and an Opportunity for each of two invoices, 10 and 11."""
    async with joined_org(profile, **given) as here:
        for command in (an_account(1), an_opportunity(10, 1), an_opportunity(11, 1)):
            await here.lanes.write(command)
        yield here


def ordered(here: Joined, invoice: int = 10, **more: Any) -> str:
    """Let a person make an Order for the Opportunity of an invoice."""
    sale = here.row("Opportunity", "FreshBooks_Invoice_Id__c", f"ACC1:{invoice}")
    its = {"OpportunityId": sale["Id"], "AccountId": sale["AccountId"]} | more
    (made,) = here.org.control.people.insert(
        "Order", its | {"EffectiveDate": "2026-03-01", "Status": "Draft"}
    )
    return made


def invoiced(here: Joined, invoice: int) -> None:
    """Let the org make an Invoice of the Order of an Opportunity."""
    account = here.row("Account", "FreshBooks_Client_Id__c", "ACC1:1")["Id"]
    its = {"BillingAccountId": account, "ReferenceEntityId": ordered(here, invoice)}
    days = {"InvoiceDate": "2026-03-01", "DueDate": "2026-03-31"}
    here.org.control.people.insert("Invoice", its | days)


def with_field(name: str, said: dict[str, Any]) -> Profile:
    return Profile.named("prepared").with_(added={"Order": {"fields": {name: said}}})


def writing(command: Command, **more: Any) -> Command:
    return command.model_copy(update={"fields": {**command.fields, **more}})


async def test_an_orders_field_that_is_hidden_meanwhile_is_left_out_and_the_amount_written() -> None:
    async with an_org(with_field("Terms__c", TERMS)) as here:
        its = ordered(here)
        await here.lanes.write(writing(an_order(10, "12.50"), Terms__c="30 days"))
        here.org.control.profile(hidden=["Order.Terms__c"])

        answer = await here.lanes.write(writing(an_order(10, "13.00", version=2), Terms__c="14 days"))

        assert isinstance(answer, Applied)
        assert here.row("Order", "Id", its)[AMOUNT] == Decimal(13)


async def test_a_lines_field_that_is_hidden_meanwhile_is_left_out_and_the_lines_written() -> None:
    async with a_shop(sales=2) as here:
        await here.lanes.write(the_lines(an_item(1, "40", note="Walls")))
        here.org.control.profile(hidden=["OpportunityLineItem.Description"])

        answer = await here.lanes.write(the_lines(an_item(1, "50", note="Floors"), invoice=11))

        assert isinstance(answer, Applied)
        assert ("ACC1:11:1", 1.0, 50.0, 50.0, None) in shown(here)


async def test_a_link_that_may_not_be_written_any_more_is_left_out_and_makes_no_dead_letter() -> None:
    async with an_org(Profile.named("order-management")) as here:
        invoiced(here, 10)
        invoiced(here, 11)
        await here.lanes.write(a_link(10))
        here.org.control.profile(read_only=[f"Opportunity.{LINK}"])

        answer = await here.lanes.write(a_link(11))

        assert isinstance(answer, Absent)


async def test_an_amount_in_the_orgs_own_currency_is_written_on_an_order() -> None:
    async with an_org(with_field("Value__c", VALUE), org_currency="EUR") as here:
        its = ordered(here)
        amount = Figure(figure=Decimal("7.00"), currency="EUR")

        answer = await here.lanes.write(writing(an_order(10), Value__c=amount))

        assert isinstance(answer, Applied)
        assert answer.notes == ()
        assert here.row("Order", "Id", its)["Value__c"] == Decimal(7)


async def test_an_orders_own_currency_stays_and_an_amount_in_it_is_written() -> None:
    async with an_org(SEVERAL) as here:
        its = ordered(here, CurrencyIsoCode="EUR")
        amount = Figure(figure=Decimal("7.00"), currency="EUR")

        answer = await here.lanes.write(writing(an_order(10), Value__c=amount))

        assert isinstance(answer, Applied)
        assert answer.notes == ()
        row = here.row("Order", "Id", its)
        assert (row["Value__c"], row["CurrencyIsoCode"]) == (Decimal(7), "EUR")


async def test_an_amount_in_another_currency_than_the_orders_is_left_out_and_that_is_said() -> None:
    async with an_org(SEVERAL) as here:
        its = ordered(here, CurrencyIsoCode="EUR", Value__c=7)
        amount = Figure(figure=Decimal("7.00"), currency="USD")

        answer = await here.lanes.write(writing(an_order(10, "12.50"), Value__c=amount))

        assert isinstance(answer, Applied)
        assert answer.notes == ("Value__c: left out, USD where the row has EUR",)
        row = here.row("Order", "Id", its)
        assert (row.get("Value__c"), row["CurrencyIsoCode"], row[AMOUNT]) == (None, "EUR", 12.5)


async def test_an_order_that_such_an_amount_is_left_out_of_already_is_not_written() -> None:
    async with an_org(SEVERAL) as here:
        its = ordered(here, CurrencyIsoCode="EUR")
        amount = Figure(figure=Decimal("7.00"), currency="USD")
        await here.lanes.write(writing(an_order(10, "12.50"), Value__c=amount))
        here.org.control.keep_history()

        await here.lanes.write(writing(an_order(10, "12.50", version=2), Value__c=amount))

        assert here.org.control.history(its) == []


async def test_a_value_without_room_on_an_order_is_written_once_a_person_gave_it_room_and_retries() -> None:
    async with an_org(with_field("Value__c", TEXT)) as here:
        its = ordered(here)
        wanted = writing(an_order(10), Value__c=Figure(figure=Decimal("7.00")))
        refused = await here.lanes.write(wanted)
        here.org.control.profile(added={"Order": {"fields": {"Value__c": VALUE}}})

        answer = await here.lanes.write(wanted.model_copy(update={"nonce": "0123456789abcdef"}))

        assert isinstance(refused, Rejected)
        assert refused.mend.startswith(
            "give the field a type that takes it, then `freshforce deadletters retry"
        )
        assert isinstance(answer, Applied)
        assert here.row("Order", "Id", its)["Value__c"] == Decimal(7)


async def test_only_a_row_without_room_is_judged_by_a_new_look_and_the_one_beside_it_is_written_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with an_org(with_field("Value__c", TEXT)) as here:
        for invoice in (10, 11):
            ordered(here, invoice)
            await here.lanes.write(an_order(invoice))
        monkeypatch.setattr("app.salesforce.lanes.sending.JUST", 0.0)
        here.org.control.reset_counters()
        wanted = writing(an_order(10, version=2), Value__c=Figure(figure=Decimal("7.00")))

        answers = await asyncio.gather(*map(here.lanes.write, (wanted, an_order(11, "13.00", version=2))))

        assert [type(answer) for answer in answers] == [Rejected, Applied]
        assert here.calls() == LOOK_FOR_ORDERS * 2 + UPDATE + DESCRIBE
