"""An Account that people make for a client that waits is found by a poll: real Kafka and both sandboxes."""

from pathlib import Path

import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.running_shop import RunningShop, running_shop

EMAIL = "ann@ferry.example"


async def said(shop: RunningShop, line: str) -> str:
    """Return what a line prints that succeeds."""
    its = await shop.shell.run(line)
    assert its.code == 0, its.out + its.err
    return its.out


@pytest.mark.timeout(400)
async def test_a_client_waits_until_a_poll_finds_the_account_that_people_made_for_it(tmp_path: Path) -> None:
    async with running_shop(tmp_path, "worker,view,desk") as shop:
        await said(shop, "freshforce connections set acme account_matching=match_only")
        client = Create(noun=Noun.CLIENT, body={"organization": "Ferry Ltd", "email": EMAIL})
        (number,) = await shop.books.control.act([client])
        await said(shop, "freshforce backfill acme")
        await shop.settled()
        people = shop.org.control.people
        assert people.rows("Account") == []
        people.insert("Account", {"Name": "Ferry", "FreshBooks_Email__c": EMAIL})

        assert await said(shop, "freshforce poll acme") == "1 events written\n"

        await shop.settled()
        (account,) = people.rows("Account")
        assert account["FreshBooks_Client_Id__c"].endswith(f":{number}")
        assert account["Name"] == "Ferry Ltd"
        assert await said(shop, "freshforce poll acme") == "0 events written\n"
        await said(shop, "freshforce match list acme")  # it fails while anybody waits
