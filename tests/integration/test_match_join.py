"""Two clients that are one customer: joined on one Account, and split again, by the commands alone."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import orjson
import pytest
import pytest_asyncio

from app.demo.joining import NAME
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import a_client
from tests.builders.house import House, a_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUMS = "FreshBooks_Outstanding__c"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as whole:
        yield whole


async def accounts(house: House) -> dict[str, dict[str, Any]]:
    """Return the Accounts by the number that they carry."""
    rows = await house.stage.salesforce("GET", "rows/Account")
    return {row["FreshBooks_Client_Id__c"]: row for row in rows}


async def under(house: House, sobject: str) -> set[str]:
    """Return under which Accounts the rows of an object hang."""
    return {row["AccountId"] for row in await house.stage.salesforce("GET", f"rows/{sobject}")}


async def told(house: House, *words: str) -> Any:
    return orjson.loads(await house.stage.shop.command(*words, "--json"))


async def test_two_clients_share_an_account_and_part_again(house: House) -> None:
    (one,) = await house.act(Create(noun=Noun.CLIENT, body=a_client(Random(1)) | {"currency_code": "CAD"}))
    (two,) = await house.act(Create(noun=Noun.CLIENT, body=a_client(Random(2)) | {"currency_code": "CAD"}))
    await house.act(Create(noun=Noun.INVOICE, body=an_invoice(one, "250.00")))
    await house.act(Create(noun=Noun.INVOICE, body=an_invoice(two, "100.00")))
    await house.settled()
    first, second = external_id(house, one), external_id(house, two)
    assert [(await accounts(house))[key][SUMS] for key in (first, second)] == ["CAD 250.00", "CAD 100.00"]

    plan = await told(house, "match", "join", NAME, str(two), str(one))
    assert plan["applied"] is False
    (its,) = plan["plans"]
    shown = {(it["object"], it["external_id"]): it["fields"] for it in its["differences"]}
    assert shown["Account", first][SUMS] == {"from": "CAD 250.00", "to": "CAD 350.00"}
    assert {("Account", second), ("Contact", second)} < shown.keys()
    reason = ("--by", "ann", "--reason", "their second office", "--apply")
    await told(house, "match", "join", NAME, str(two), str(one), *reason)
    await house.settled()

    there = await accounts(house)
    assert (there[first][SUMS], there[second].get(SUMS)) == ("CAD 350.00", None)
    assert await under(house, "Opportunity") == await under(house, "Contact") == {there[first]["Id"]}

    await house.act(Create(noun=Noun.INVOICE, body=an_invoice(two, "7.00")))
    await house.settled()
    assert (await accounts(house))[first][SUMS] == "CAD 357.00"
    rows = await told(house, "state", NAME, "client", str(two))
    assert {it["object"] for it in rows} >= {"Contact", "Opportunity"}
    assert "Account" not in {it["object"] for it in rows}
    assert (await told(house, "match", "show", NAME, str(two)))["to"] == one
    assert (await told(house, "match", "show", NAME, str(one)))["shared_by"] == [two]

    await told(house, "match", "undo", NAME, str(two), "--reason", "two firms after all", "--apply")
    await house.settled()

    there = await accounts(house)
    assert (there[first][SUMS], there[second][SUMS]) == ("CAD 250.00", "CAD 107.00")
    assert await under(house, "Contact") == {it["Id"] for it in there.values()}
    await house.verdict()


def external_id(house: House, number: int) -> str:
    return f"{house.stage.backstage.freshbooks.account_id}:{number}"


def an_invoice(client: int, amount: str) -> dict[str, Any]:
    return {
        "customerid": client,
        "create_date": "2026-11-02",
        "due_offset_days": 30,
        "status": 2,
        "lines": [{"name": "Work", "qty": 1, "unit_cost": {"amount": amount, "code": "CAD"}}],
    }
