"""An Order that carries a PO number alone gets its invoice's amount: embedded Kafka and both sandboxes."""

from pathlib import Path

import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from streams.mapping.reading import default_text
from tests.builders.running_shop import RunningShop, running_shop

BY_PO = default_text().replace('match = "opportunity"', 'match = "po_number"')


async def an_invoice_carried(shop: RunningShop) -> None:
    """Let an invoice with a PO number be carried while there is no Order for it."""
    (client,) = await shop.books.control.act([Create(noun=Noun.CLIENT, body={"organization": "Ferry Ltd"})])
    line = {"name": "Work", "qty": 1, "unit_cost": {"amount": "100.00"}}
    told = {"customerid": client, "create_date": "2026-11-01", "status": 2, "lines": [line]}
    await shop.books.control.act([Create(noun=Noun.INVOICE, body=told | {"po_number": "PO-7"})])
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()


@pytest.mark.timeout(400)
async def test_an_order_with_the_po_number_of_an_invoice_that_was_carried_is_found_by_a_poll(
    tmp_path: Path,
) -> None:
    async with running_shop(tmp_path, "worker,view,desk") as shop:
        (shop.shop.home / "by-po.toml").write_text(BY_PO, "utf-8")
        said = await shop.shell.run("freshforce mapping set acme by-po.toml")
        assert said.code == 0, said.out + said.err
        await an_invoice_carried(shop)
        people = shop.org.control.people
        (account,) = people.rows("Account")
        its = {"AccountId": account["Id"], "PoNumber": "po-7"}
        people.insert("Order", its | {"EffectiveDate": "2026-11-02", "Status": "Draft"})

        said = await shop.shell.run("freshforce poll acme")

        assert (said.code, said.out) == (0, "1 events written\n"), said.out + said.err
        await shop.settled()
        (row,) = people.rows("Order")
        assert (row["FreshBooks_Invoice_Amount__c"], row["FreshBooks_Currency__c"]) == (100, "USD")
        assert (await shop.shell.run("freshforce poll acme")).out == "0 events written\n"
