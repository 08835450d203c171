"""A payment that comes by webhook does not wait until a long backfill is over."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.running_shop import RunningShop, running_shop

CLIENTS = 3_000
RATE, AHEAD = 100, 3
"""Reads a second, and seconds of reading that the backfill may be ahead: 300 of 3,000 messages."""
AT_ONCE = 20.0
"""Seconds that a payment may take while two cores do all of this; the whole backlog takes thirty or more."""


async def a_deal(shop: RunningShop) -> int:
    """A client with an invoice, in Salesforce by now; return the invoice."""
    (client,) = await shop.books.control.act(
        [Create(noun=Noun.CLIENT, body={"organization": "Maple & Sons"})]
    )
    line = {"name": "Work", "qty": 1, "unit_cost": {"amount": "100.00"}}
    bill = {"customerid": client, "create_date": "2026-11-01", "status": 2, "lines": [line]}
    (invoice,) = await shop.books.control.act([Create(noun=Noun.INVOICE, body=bill)])
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()
    return invoice


async def won(shop: RunningShop) -> None:
    """Return when the deal is."""
    org = shop.org.control.people
    while [row["StageName"] for row in org.rows("Opportunity")] != ["Closed Won"]:  # noqa: ASYNC110 - no bell
        await asyncio.sleep(0.1)


@pytest.mark.timeout(400)
async def test_a_payment_comes_through_while_a_backfill_of_thousands_goes_on(tmp_path: Path) -> None:
    async with running_shop(tmp_path, "ingress,worker,view") as shop:
        invoice = await a_deal(shop)
        history = [Create(noun=Noun.CLIENT, body={"organization": f"No. {at}"}) for at in range(CLIENTS)]
        await shop.books.control.act(history)
        said = await shop.shell.run("freshforce webhooks register acme")
        assert said.code == 0, said.out + said.err
        await shop.shell.run(f"freshforce connections set acme freshbooks_reads_per_second={RATE}")

        slowly = f"FRESHFORCE_BACKFILL_AHEAD={AHEAD} freshforce backfill acme"
        backfill = asyncio.create_task(shop.shell.run(slowly))
        async with asyncio.timeout(60):
            while len(shop.org.control.people.rows("Account")) < CLIENTS // 10:  # noqa: ASYNC110 - no bell
                await asyncio.sleep(0.1)
        paid = {"invoiceid": invoice, "amount": {"amount": "100.00"}, "date": "2026-11-02", "type": "Check"}
        begun = monotonic()
        await shop.books.control.act([Create(noun=Noun.PAYMENT, body=paid)])
        async with asyncio.timeout(AT_ONCE):
            await won(shop)

        assert not backfill.done(), f"over within {monotonic() - begun:.1f} s: too little to tell"
        said = await backfill
        assert said.code == 0, said.err
        await shop.settled()
        assert len(shop.org.control.people.rows("Account")) == CLIENTS + 1
