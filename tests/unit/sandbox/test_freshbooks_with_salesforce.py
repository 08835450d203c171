import asyncio

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.scenarios.lost_accounts import EXTERNAL_ID, LostAccounts
from app.sandbox.server import RunningSandbox, running_sandbox


def _accounts(sandbox: RunningSandbox) -> list[object]:
    return [row[EXTERNAL_ID] for row in sandbox.salesforce.control.people.rows("Account")]


async def test_both_vendors_listen_and_know_their_own_applications() -> None:
    async with running_sandbox(seed=3) as sandbox:
        assert sandbox.freshbooks.url != sandbox.salesforce.url
        assert sandbox.freshbooks.client_id != sandbox.salesforce.client_id


async def test_a_lost_account_is_deleted_where_it_is_found_and_no_other() -> None:
    async with running_sandbox() as sandbox:
        people, account = sandbox.salesforce.control.people, sandbox.freshbooks.account_id
        create = Create(noun=Noun.CLIENT, body={"organization": "Ann & Co"})
        lost, kept, unknown = await sandbox.freshbooks.control.act([create] * 3)
        rows = [{"Name": "Ann & Co", EXTERNAL_ID: f"{account}:{client}"} for client in (lost, kept)]
        before = _accounts(sandbox)
        people.insert("Account", *rows)

        deleted = await LostAccounts(people, account, patience=0).lose_accounts([lost, unknown])

        assert deleted == 1
        assert _accounts(sandbox) == [*before, f"{account}:{kept}"]


async def test_an_account_that_is_still_on_its_way_is_lost_when_it_comes() -> None:
    async with running_sandbox() as sandbox:
        people, account = sandbox.salesforce.control.people, sandbox.freshbooks.account_id
        before = _accounts(sandbox)

        losing = asyncio.create_task(LostAccounts(people, account).lose_accounts([7]))
        await asyncio.sleep(0)
        people.insert("Account", {"Name": "Ann & Co", EXTERNAL_ID: f"{account}:7"})

        assert await losing == 1
        assert _accounts(sandbox) == before
