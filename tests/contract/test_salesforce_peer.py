"""What we wrote, read back by the client that most of the Python world uses."""

import asyncio
from decimal import Decimal
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from app.sandbox.salesforce.running import RunningSalesforce
from tests.builders.salesforce import an_account, an_opportunity
from tests.builders.salesforce_org import joined_org


class Plainly(HTTPAdapter):
    """Speaks http where simple-salesforce insists on https."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def read_back(org: RunningSalesforce) -> list[dict[str, Any]]:
    with requests.Session() as session:
        session.mount("https://", Plainly())
        host = org.url.removeprefix("http://")
        form = {
            "grant_type": "client_credentials",
            "client_id": org.client_id,
            "client_secret": org.client_secret,
        }
        token = session.post(f"https://{host}/services/oauth2/token", data=form, timeout=10).json()
        peer = Salesforce(session_id=token["access_token"], instance=host, session=session, version="66.0")
        found = peer.query_all(
            "SELECT Name, Amount, CloseDate, Account.Name, FreshBooks_Invoice_Id__c FROM Opportunity"
        )
        records: list[dict[str, Any]] = found["records"]
        return records


async def test_simple_salesforce_reads_what_we_wrote() -> None:
    async with joined_org() as here:
        rows = (an_account(1, "Crème & Fils 🍁"), an_opportunity(10, 1, "199.99"))
        await asyncio.gather(*(here.lanes.write(row) for row in rows))

        records = await asyncio.to_thread(read_back, here.org)

    assert len(records) == 1
    assert records[0]["Name"] == "Invoice 10"
    assert Decimal(str(records[0]["Amount"])) == Decimal("199.99")
    assert records[0]["CloseDate"] == "2026-03-31"
    assert records[0]["Account"]["Name"] == "Crème & Fils 🍁"
    assert records[0]["FreshBooks_Invoice_Id__c"] == "ACC1:10"
