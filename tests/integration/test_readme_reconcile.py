"""The README's reconcile walk, its commands as they stand there: embedded Kafka and both sandboxes."""

import csv
from pathlib import Path

import pytest

from app.sandbox.freshbooks.acts import Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.readme import walk
from tests.builders.running_shop import RunningShop, running_shop

ROLES = "worker,view,desk"


async def a_past(shop: RunningShop) -> list[int]:
    """Two clients, three invoices and a payment, which a backfill carries over; return their ids."""
    names = ("Maple & Sons", "Ferry Ltd")
    clients = await shop.books.control.act(
        [
            Create(noun=Noun.CLIENT, body={"organization": name, "email": f"{name[:5]}@x.example"})
            for name in names
        ]
    )
    invoices = await shop.books.control.act([an_invoice(clients[at]) for at in (0, 0, 1)])
    payment = {"invoiceid": invoices[0], "amount": {"amount": "40.00"}, "date": "2026-11-02", "type": "Check"}
    payments = await shop.books.control.act([Create(noun=Noun.PAYMENT, body=payment)])
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()
    return [*clients, *invoices, *payments]


def an_invoice(client: int) -> Create:
    line = {"name": "Work", "qty": 1, "unit_cost": {"amount": "100.00"}}
    return Create(
        noun=Noun.INVOICE,
        body={
            "customerid": client,
            "create_date": "2026-11-01",
            "status": 2,
            "lines": [line],
            "due_offset_days": 30,
        },
    )


async def differences(shop: RunningShop, ids: list[int]) -> int:
    """Let webhooks be lost, and people in Salesforce at work; return the new invoice."""
    (new,) = await shop.books.control.act([an_invoice(ids[1])])
    await shop.books.control.act([Remove(noun=Noun.PAYMENT, id=ids[5])])
    people = shop.org.control.people
    account = next(row for row in people.rows("Account") if row["Name"] == "Ferry Ltd")
    people.edit("Account", str(account["Id"]), {"Phone": "555"})
    deal = next(
        row
        for row in people.rows("Opportunity")
        if str(row["FreshBooks_Invoice_Id__c"]).endswith(f":{ids[3]}")
    )
    people.delete("Opportunity", str(deal["Id"]))
    return new


@pytest.mark.timeout(400)
async def test_the_readme_s_reconcile_walk_names_what_differs_and_puts_it_right(tmp_path: Path) -> None:
    plan, look, apply, past, money = walk("Do both sides agree?")
    async with running_shop(tmp_path, ROLES) as shop:
        ids = await a_past(shop)
        said = await shop.shell.run(look)
        assert (said.code, said.out.splitlines()[-1]) == (0, "nothing differs"), said.out + said.err

        new = await differences(shop, ids)
        said = await shop.shell.run(plan)
        assert said.code == 0
        assert "Salesforce: about 9 API calls" in said.out

        said = await shop.shell.run(look)
        assert said.code == 1, said.err
        assert f"missed webhook: invoice {new}: FreshBooks has it, the log has not" in said.out
        assert f"missed delete: payment {ids[5]}: FreshBooks has deleted it" in said.out
        assert f"drift: invoice {ids[3]}, Opportunity" in said.out
        assert "  Phone: sent None, there '555'" in said.out
        assert f"freshforce trace acme client {ids[1]}   http://127.0.0.1:" in said.out
        assert "1 drift, 1 missed delete, 2 missed webhook, 1 unknown change in Salesforce" in said.out, (
            said.out
        )

        said = await shop.shell.run(apply)
        assert (said.code, said.out.splitlines()[-1]) == (1, "5 events written"), said.out + said.err
        await shop.settled()
        said = await shop.shell.run(look)
        assert (said.code, said.out.splitlines()[-1]) == (0, "nothing differs"), said.out + said.err

        await _told_by_the_log(shop, past, look)
        await _for_the_finance_admin(shop, money)
        await _an_order_made_later(shop, ids[2])


async def _told_by_the_log(shop: RunningShop, past: str, look: str) -> None:
    said = await shop.shell.run(past)
    assert (said.code, "told by the log alone" in said.out) == (0, True), said.out + said.err
    now = (await shop.shell.run("date -u +%Y-%m-%dT%H:%M:%S")).out.strip()
    told = await shop.shell.run(f"{look} --as-of {now} --json")
    assert (told.code, '"explained":[]' in told.out) == (0, True), told.out + told.err
    await shop.books.control.act([Create(noun=Noun.CLIENT, body={"organization": "Later"})])
    assert (await shop.shell.run("freshforce poll acme")).code == 0
    assert (await shop.shell.run("freshforce poll acme")).out == "0 events written\n"
    await shop.settled()
    assert await shop.shell.run(f"{look} --as-of {now} --json") == told


async def _for_the_finance_admin(shop: RunningShop, money: str) -> None:
    said = await shop.shell.run(money)
    assert said.code == 0, said.err
    rows = [*csv.DictReader((shop.shop.home / "books.csv").read_text("utf-8").splitlines())]
    assert [
        (it["name"], it["currency"], it["freshbooks_outstanding"], it["salesforce_outstanding"])
        for it in rows
    ] == [
        ("Maple & Sons", "USD", "200.00", "200.00"),
        ("Ferry Ltd", "USD", "200.00", "200.00"),
    ]


async def _an_order_made_later(shop: RunningShop, invoice: int) -> None:
    people = shop.org.control.people
    (sale,) = (
        row for row in people.rows("Opportunity") if row["FreshBooks_Invoice_Id__c"].endswith(f":{invoice}")
    )
    its = {"AccountId": sale["AccountId"], "OpportunityId": sale["Id"]}
    people.insert("Order", its | {"EffectiveDate": "2026-11-02", "Status": "Draft"})

    said = await shop.shell.run("freshforce poll acme")

    assert (said.code, said.out) == (0, "1 events written\n"), said.out + said.err
    await shop.settled()
    assert [row["FreshBooks_Invoice_Amount__c"] for row in people.rows("Order")] == [100]
    assert (await shop.shell.run("freshforce poll acme")).out == "0 events written\n"
    assert "action ordered" in (await shop.shell.run(f"freshforce trace acme invoice {invoice}")).out
