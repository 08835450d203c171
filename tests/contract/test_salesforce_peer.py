"""What we wrote, read back by the client that most of the Python world uses."""

import asyncio
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.running import RunningSalesforce
from tests.builders.peer import peer_of
from tests.builders.salesforce import an_account, an_opportunity
from tests.builders.salesforce_org import joined_org


def read_back(org: RunningSalesforce) -> list[dict[str, Any]]:
    with peer_of(org) as peer:
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
