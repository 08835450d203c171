"""Line items, by commands alone, on real Kafka: set up, sold as invoiced, edited, deleted, replayed."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import orjson
import pytest
import pytest_asyncio

from app.demo.joining import NAME
from app.sandbox.freshbooks.acts import Change, Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import a_client
from tests.builders.house import House, a_house
from tests.builders.itemised import LINE_KEY, itemising

pytestmark = pytest.mark.asyncio(loop_scope="module")

Sold = dict[str, tuple[float, float, float]]
"""Quantity, price and total of each line, by the name of its product."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as whole:
        yield whole


async def sold(house: House) -> Sold:
    """Return what the org's Opportunities sell."""
    products = {row["Id"]: row["Name"] for row in await house.stage.salesforce("GET", "rows/Product2")}
    lines = await house.stage.salesforce("GET", "rows/OpportunityLineItem")
    assert all(row[LINE_KEY] for row in lines)
    return {
        products[row["Product2Id"]]: (row["Quantity"], row["UnitPrice"], row["TotalPrice"]) for row in lines
    }


async def sale(house: House) -> dict[str, Any]:
    (row,) = await house.stage.salesforce("GET", "rows/Opportunity")
    found: dict[str, Any] = row
    return found


async def told(house: House, *words: str) -> Any:
    return orjson.loads(await house.stage.shop.command(*words, "--json"))


def a_body(client: int, *lines: dict[str, Any]) -> dict[str, Any]:
    terms = {"create_date": "2026-11-02", "due_offset_days": 30, "status": 2}
    return {"customerid": client, "lines": [*lines], **terms}


def a_line(name: str, qty: str, cost: str, **taxes: str) -> dict[str, Any]:
    return {"name": name, "qty": qty, "unit_cost": {"amount": cost, "code": "USD"}, **taxes}


async def test_an_invoices_lines_are_sold_as_invoiced_through_edits_deletion_and_replay(house: House) -> None:
    shop = house.stage.shop
    (shop.home / "lines.toml").write_text(itemising(), "utf-8")
    await told(house, "setup", "salesforce", NAME, "--lines", "--apply")
    await shop.command("mapping", "set", NAME, "lines.toml")
    assert [
        it["well"] for it in await told(house, "ping", NAME) if it["what"] == "Salesforce line items"
    ] == [True]
    (client,) = await house.act(Create(noun=Noun.CLIENT, body=a_client(Random(1)) | {"currency_code": "USD"}))
    design = a_line("Design", "3.5", "40.00", taxName1="GST", taxAmount1="5")
    (invoice,) = await house.act(
        Create(noun=Noun.INVOICE, body=a_body(client, design, a_line("Paint", "2", "7.25")))
    )
    await house.settled()

    assert await sold(house) == {
        "Design": (3.5, 40.0, 140.0),
        "Paint": (2.0, 7.25, 14.5),
        "GST 5%": (1.0, 7.0, 7.0),
    }
    assert (await sale(house))["Amount"] == (await sale(house))["FreshBooks_Amount__c"] == 161.5

    edited = {"lines": [a_line("Design", "3.5", "50.00")]}
    await house.act(Change(noun=Noun.INVOICE, id=invoice, body=edited))
    await house.settled()

    assert await sold(house) == {"Design": (3.5, 50.0, 175.0)}
    assert (await sale(house))["Amount"] == 175.0
    assert (await told(house, "replay", "verify", NAME))["alarms"] == []
    assert (await told(house, "reconcile", NAME))["differences"] == []
    states = await told(house, "state", NAME, "client", str(client))
    (row,) = [it["fields"] for it in states if it["object"] == "OpportunityLineItem"]
    assert [it["name"] for it in row["OpportunityLineItems"]["items"]] == ["Design"]

    await house.act(Remove(noun=Noun.INVOICE, id=invoice))
    await house.settled()

    assert (await sale(house))["StageName"] == "Closed Lost"
    assert await sold(house) == {"Design": (3.5, 50.0, 175.0)}
    await house.verdict()
