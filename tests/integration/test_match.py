"""A client that the org has already: proposed, accepted by a person, undone, by the commands alone."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import orjson
import pytest
import pytest_asyncio

from app.demo.joining import NAME
from app.demo.processes import CommandFailed
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import a_client
from streams.domain.audit import Step, Verdict
from tests.builders.house import House, a_house

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as whole:
        yield whole


async def planted(house: House, name: str) -> str:
    """Let the org have an Account from long before."""
    made = await house.stage.salesforce("POST", "rows/Account", {"Name": name})
    its_id: str = made["ids"][0]
    return its_id


async def rows(house: House, sobject: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await house.stage.salesforce("GET", f"rows/{sobject}")
    return found


async def told(house: House, *words: str) -> Any:
    """Run a command of ours, whatever its exit code, and return the JSON that it prints."""
    try:
        said = await house.stage.shop.command("match", *words, "--json")
    except CommandFailed as failed:
        said = str(failed).splitlines()[-1]
    return orjson.loads(said)


async def test_a_client_waits_is_accepted_arrives_and_is_taken_back(house: House) -> None:
    old = await planted(house, "Old Friends GmbH")
    body = a_client(Random(1)) | {"organization": "Old Friends"}
    (client,) = await house.act(Create(noun=Noun.CLIENT, body=body))
    (invoice,) = await house.act(Create(noun=Noun.INVOICE, body=an_invoice(client)))
    (other,) = await house.act(Create(noun=Noun.CLIENT, body=a_client(Random(2))))
    await house.settled()

    waiting = await told(house, "list", NAME)
    assert [(it["client"], it["state"]) for it in waiting] == [(client, "proposed")]
    assert [it["account"] for it in waiting[0]["candidates"]] == [old]
    assert {it.get("FreshBooks_Client_Id__c") for it in await rows(house, "Account")} == {
        None,
        external_id(house, other),
    }
    shown = await told(house, "show", NAME, str(client))
    assert shown["candidates"][0]["name"] == "Old Friends GmbH"
    assert await rows(house, "Opportunity") == []

    plan = await told(house, "accept", NAME, str(client), old)
    assert (plan["applied"], plan["plans"][0]["account"]) == (False, old)
    assert len(await told(house, "list", NAME)) == 1
    reason = ("--by", "ann", "--reason", "the one in Toronto")
    await told(house, "accept", NAME, str(client), old, *reason, "--apply")
    await house.settled()

    accounts = {it.get("FreshBooks_Client_Id__c"): it["Id"] for it in await rows(house, "Account")}
    assert accounts[external_id(house, client)] == old
    assert [it["AccountId"] for it in await rows(house, "Opportunity")] == [old]
    assert await told(house, "list", NAME) == []
    await house.verdict()

    plan = await told(house, "undo", NAME, str(client))
    assert [it["object"] for it in plan["plans"][0]["rows"]] == ["Contact", "Opportunity"]
    await told(house, "undo", NAME, str(client), "--reason", "two firms of one name", "--apply")
    await house.settled()

    accounts = {it.get("FreshBooks_Client_Id__c"): it["Id"] for it in await rows(house, "Account")}
    assert accounts[None] == old
    assert accounts[external_id(house, client)] not in {old, None}
    (sale,) = await rows(house, "Opportunity")
    assert sale["FreshBooks_Invoice_Id__c"] == external_id(house, invoice)
    assert sale["AccountId"] == accounts[external_id(house, client)]
    assert await house.said(Step.COMMAND_LINE, Verdict.MATCHED) == 2
    await house.verdict()


def external_id(house: House, number: int) -> str:
    return f"{house.stage.backstage.freshbooks.account_id}:{number}"


def an_invoice(client: int) -> dict[str, Any]:
    return {
        "customerid": client,
        "create_date": "2026-11-02",
        "due_offset_days": 30,
        "status": 2,
        "lines": [{"name": "Work", "qty": 1, "unit_cost": {"amount": "250.00", "code": "CAD"}}],
    }
