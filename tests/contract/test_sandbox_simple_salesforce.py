"""The official-in-practice Python client, unchanged, against the sandbox.

simple-salesforce speaks https only and logs in at `https://{domain}.salesforce.com`. A `requests` adapter
sends what it says to the sandbox instead: every byte of method, path, headers and body is the client's own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
import requests
from simple_salesforce import Salesforce, SalesforceMalformedRequest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id, format_soql

from app.bench.peers.one_session import ToOrg
from app.sandbox.salesforce import RunningSalesforce, running_salesforce
from tests.builders.salesforce_user import INVOICE_KEY, KEY, an_account, an_opportunity

Answer = TypeVar("Answer")


async def off(call: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
    """Run the blocking client beside the server's event loop."""
    return await asyncio.to_thread(call, *args, **kwargs)


@pytest.fixture
async def org() -> AsyncIterator[RunningSalesforce]:
    async with running_salesforce() as sandbox:
        yield sandbox


@pytest.fixture
async def client(org: RunningSalesforce) -> AsyncIterator[Any]:
    with _session(org) as session:
        yield await off(_login, org, session)


def _session(org: RunningSalesforce) -> requests.Session:
    session = requests.Session()
    session.mount("https://", ToOrg(org.url))
    return session


def _login(org: RunningSalesforce, session: requests.Session, secret: str | None = None) -> Any:
    return Salesforce(
        domain="acme.my",
        consumer_key=org.client_id,
        consumer_secret=secret or org.client_secret,
        session=session,
        version="66.0",
    )


async def test_it_logs_in_with_client_credentials_and_reads_the_usage(client: Any) -> None:
    listed = await off(client.describe)

    assert "Account" in [each["name"] for each in listed["sobjects"]]
    assert client.api_usage["api-usage"].used == 1
    assert client.api_usage["api-usage"].total == 100_000


async def test_it_understands_a_refused_login(org: RunningSalesforce) -> None:
    with (
        _session(org) as session,
        pytest.raises(SalesforceAuthenticationFailed, match="invalid client credentials"),
    ):
        await off(_login, org, session, "wrong")


async def test_it_creates_reads_changes_and_deletes(client: Any) -> None:
    made = await off(client.Account.create, {"Name": "Alpha"})
    row_id = made["id"]
    changed = await off(client.Account.update, row_id, {"Phone": "1"})
    read = await off(client.Account.get, row_id)
    gone = await off(client.Account.delete, row_id)

    assert made == {"id": row_id, "success": True, "errors": []}
    assert (changed, gone) == (204, 204)
    assert (read["Name"], read["Phone"]) == ("Alpha", "1")
    with pytest.raises(SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        await off(client.Account.get, row_id)


async def test_it_upserts_and_reads_by_external_id_with_any_character(client: Any) -> None:
    key = "ACM1:this/that & the other"
    path = f"{KEY}/{format_external_id(KEY, key).split('/', 1)[1]}"

    first = await off(client.Account.upsert, path, {"Name": "Alpha"})
    second = await off(client.Account.upsert, path, {"Name": "Beta"})
    read = await off(client.Account.get, path)  # its get_by_custom_id writes a space as +

    assert (first, second) == (201, 200)
    assert (read["Name"], read[KEY]) == ("Beta", key)


async def test_it_reads_back_what_a_collections_upsert_wrote_over_several_pages(
    org: RunningSalesforce, client: Any
) -> None:
    org.control.profile(page=200)
    await off(
        client.restful,
        f"composite/sobjects/Account/{KEY}",
        method="PATCH",
        json=_rows("Account", an_account("A")),
    )
    rows = [an_opportunity(str(n), Amount=n + 0.25, Account={KEY: "A"}) for n in range(450)]
    for at in range(0, 450, 200):
        body = _rows("Opportunity", *rows[at : at + 200])
        results = await off(
            client.restful, f"composite/sobjects/Opportunity/{INVOICE_KEY}", method="PATCH", json=body
        )
        assert all(result["created"] for result in results)

    soql = format_soql("SELECT Amount, Account.Name FROM Opportunity WHERE Account.Name = {}", "Client A")
    read = await off(client.query_all, soql)

    assert read["totalSize"] == 450
    assert sorted(row["Amount"] for row in read["records"]) == [n + 0.25 for n in range(450)]
    assert {row["Account"]["Name"] for row in read["records"]} == {"Client A"}


async def test_it_escapes_what_it_asks_and_is_answered(client: Any) -> None:
    await off(client.Account.create, {"Name": r"O'Brien \ 100%"})

    exact = await off(client.query, format_soql("SELECT Id FROM Account WHERE Name = {}", r"O'Brien \ 100%"))
    like = await off(client.query, format_soql("SELECT Id FROM Account WHERE Name LIKE '%{:like}'", "100%"))

    assert (exact["totalSize"], like["totalSize"]) == (1, 1)


async def test_it_describes(client: Any) -> None:
    described = await off(client.Opportunity.describe)

    assert described["keyPrefix"] == "006"
    assert INVOICE_KEY in [field["name"] for field in described["fields"]]


async def test_it_raises_its_own_errors_for_ours(org: RunningSalesforce, client: Any) -> None:
    org.control.profile(unique={f"Account.{KEY}": False})
    for _ in range(2):
        await off(client.Account.create, an_account("A"))

    with pytest.raises(SalesforceMalformedRequest, match="STRING_TOO_LONG"):
        await off(client.Account.create, {"Name": "n" * 256})
    with pytest.raises(SalesforceMoreThanOneRecord):
        await off(client.Account.upsert, f"{KEY}/A", {"Name": "B"})
    with pytest.raises(SalesforceResourceNotFound):
        await off(client.Invoice.describe)


async def test_it_meets_an_ended_session(org: RunningSalesforce) -> None:
    with _session(org) as session:
        direct = await off(
            Salesforce,
            session_id="00Dnothing!AQ",
            instance_url=org.url.replace("http:", "https:"),
            session=session,
        )

        with pytest.raises(SalesforceExpiredSession):
            await off(direct.limits)


async def test_it_logs_in_again_by_itself_when_its_session_was_revoked(
    org: RunningSalesforce, client: Any
) -> None:
    org.control.revoke_sessions()

    assert (await off(client.query, "SELECT Id FROM Account"))["totalSize"] == 0


def _rows(sobject: str, *records: dict[str, Any]) -> dict[str, Any]:
    return {"allOrNone": False, "records": [{"attributes": {"type": sobject}} | each for each in records]}


async def test_its_bulk_client_fills_a_job_waits_for_it_and_reads_the_results(client: Any) -> None:
    records = [{KEY: f"B:{number}", "Name": f"Bulk {number}"} for number in range(3)]
    records.append({KEY: "B:3", "Name": "x" * 256})

    jobs = await off(client.bulk2.Account.upsert, records=records, external_id_field=KEY)

    (job,) = jobs
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (4, 1)
    failed = await off(client.bulk2.Account.get_failed_records, job["job_id"])
    assert "STRING_TOO_LONG" in failed
    found = await off(client.query, "SELECT count() FROM Account WHERE Name LIKE 'Bulk %'")
    assert found["totalSize"] == 3
