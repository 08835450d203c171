"""What only new rows get goes once, is a person's to change, and may be what Salesforce takes just then."""

from asyncio import Task, create_task
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.salesforce.api.client import Client
from app.salesforce.wire.wire import Reply
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.command import SObject
from tests.builders.deals import Deal, a_deal
from tests.builders.salesforce import KEYS, an_account


@pytest.fixture
async def deal() -> AsyncIterator[Deal]:
    async with a_deal() as whole:
        yield whole


async def test_what_only_new_rows_get_is_a_persons_to_change(deal: Deal) -> None:
    people = deal.here.org.control.people
    await deal.becomes("invoiced", defaults={"NextStep": "Call", "Type": "New Customer"})
    people.edit("Opportunity", deal.row["Id"], {"NextStep": "Wait"})
    deal.here.lanes.forget()

    await deal.becomes("won", defaults={"NextStep": "Call", "Type": "New Customer"})

    assert (deal.row["NextStep"], deal.row["Type"]) == ("Wait", "New Customer")


async def test_a_field_that_only_a_new_row_takes_goes_with_what_new_ones_get(deal: Deal) -> None:
    lee = deal.here.org.control.people.insert("Contact", {"LastName": "Lee"})[0]
    await deal.becomes("invoiced", defaults={"ContactId": lee})

    await deal.becomes("invoiced", amount="13.00", defaults={"ContactId": lee})

    assert (deal.row["ContactId"], str(deal.row["Amount"])) == (lee, "13.0")


async def test_a_row_whose_making_was_not_answered_is_there_and_takes_no_more_what_only_new_ones_take(
    deal: Deal,
) -> None:
    (lee,) = deal.here.org.control.people.insert("Contact", {"LastName": "Lee"})
    lost = Rule(kind=FaultKind.LOST_ANSWER, next=1, path="*/composite/sobjects/*")
    deal.here.org.control.faults(Faults(rules=(lost,)))

    answer = await deal.becomes("invoiced", defaults={"ContactId": lee})

    assert (answer.created, deal.row["ContactId"]) == (False, lee)


async def test_an_account_that_a_person_deleted_is_made_anew_with_what_new_ones_get(deal: Deal) -> None:
    fresh = an_account(2, version=2, defaults={"Industry": "Energy"})
    await deal.here.lanes.write(fresh)
    mine = deal.here.row("Account", KEYS[SObject.ACCOUNT], "ACC1:2")
    deal.here.org.control.people.delete("Account", mine["Id"])

    await deal.here.lanes.write(an_account(2, "Maple", version=3, defaults={"Industry": "Energy"}))

    assert deal.here.row("Account", KEYS[SObject.ACCOUNT], "ACC1:2")["Industry"] == "Energy"


async def test_what_new_ones_get_goes_too_where_a_newer_state_takes_the_place_of_what_was_made_anew(
    deal: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes, people, upsert = deal.here.lanes, deal.here.org.control.people, Client.upsert
    states = [an_account(2, f"Maple {at}", version=at, defaults={"Industry": "Energy"}) for at in (2, 3, 4)]
    await lanes.write(states[0])
    people.delete("Account", deal.here.row("Account", KEYS[SObject.ACCOUNT], "ACC1:2")["Id"])
    behind: list[Task[Any]] = []

    async def with_news(self: Client, *asked: Any) -> Reply:
        if not behind:
            behind.append(create_task(lanes.write(states[2])))
        return await upsert(self, *asked)

    monkeypatch.setattr(Client, "upsert", with_news)
    await lanes.write(states[1])
    await behind[0]

    mine = deal.here.row("Account", KEYS[SObject.ACCOUNT], "ACC1:2")
    assert (mine["Name"], mine["Industry"]) == ("Maple 4", "Energy")
