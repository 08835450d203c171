"""The README's walk through rows that wait behind a failed one, as it stands there, on embedded Kafka.

Of four clients three have a Contact that Salesforce refuses; then all get invoices and a payment.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.salesforce.rules import Rules, ValidationRule
from app.view.letters import letters
from app.view.store import Store
from tests.builders.readme import Said, walk
from tests.builders.running_shop import RunningShop, running_shop

RETRIED, EDITED, DISCARDED, WELL = "Maple", "Ferry", "Testing", "Birch"
NAMES = (RETRIED, EDITED, DISCARDED, WELL)
STRICT = Rules(
    validation=(ValidationRule(sobject="Contact", refuse_when="Email LIKE 'typo%'", message="Mistyped."),)
)
DEALS, OWES = [("Closed Won", 100.0), ("Negotiation/Review", 250.0)], "USD 250.00"
ROLLED_UP = ["Account", "Opportunity", "Opportunity"]


async def carried(shop: RunningShop, *acts: Create) -> list[int]:
    """Let something happen at FreshBooks, and the workers work it off; return the ids."""
    made = await shop.books.control.act(acts)
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()
    return made


def a_client(name: str) -> Create:
    email = f"{'well' if name == WELL else 'typo'}.{name.lower()}@x.example"
    return Create(
        noun=Noun.CLIENT, body={"organization": name, "fname": "Ana", "lname": name, "email": email}
    )


def an_invoice(client: int, amount: str) -> Create:
    body = {"customerid": client, "create_date": "2026-11-01", "status": 2, "due_offset_days": 30}
    return Create(
        noun=Noun.INVOICE,
        body=body | {"lines": [{"name": "Work", "qty": 1, "unit_cost": {"amount": amount}}]},
    )


def a_payment(invoice: int) -> Create:
    body = {"invoiceid": invoice, "amount": {"amount": "100.00"}, "date": "2026-11-02", "type": "Check"}
    return Create(noun=Noun.PAYMENT, body=body)


async def a_morning(shop: RunningShop) -> None:
    """Let Salesforce refuse three Contacts, and then two invoices come of each client, and a payment."""
    shop.org.control.rules(STRICT)
    clients = await carried(shop, *map(a_client, NAMES))
    shop.org.control.keep_history()
    invoices = await carried(shop, *(an_invoice(it, sum_) for it in clients for sum_ in ("100.00", "250.00")))
    await carried(shop, *map(a_payment, invoices[::2]))


class Held(NamedTuple):
    """What Salesforce holds of a client."""

    contacts: list[object]
    """Their e-mails."""
    deals: list[tuple[str, Any]]
    owes: object
    written: list[str]
    """Which rows were since the morning, each where it was written first."""


def the_account(shop: RunningShop, name: str) -> dict[str, Any]:
    (account,) = [it for it in shop.org.control.people.rows("Account") if it["Name"] == name]
    return account


def held(shop: RunningShop, name: str) -> Held:
    people, account = shop.org.control.people, the_account(shop, name)
    contacts, deals = (
        [it for it in people.rows(kind) if it["AccountId"] == account["Id"]]
        for kind in ("Contact", "Opportunity")
    )
    kinds = {account["Id"]: "Account"}
    kinds |= {it["Id"]: "Contact" for it in contacts} | {it["Id"]: "Opportunity" for it in deals}
    return Held(
        [it["Email"] for it in contacts],
        sorted((str(it["StageName"]), it["Amount"]) for it in deals),
        account["FreshBooks_Outstanding__c"],
        [kinds[it] for it in shop.org.org.history or () if it in kinds],
    )


async def letters_of(shop: RunningShop, name: str) -> list[str]:
    """Return the ids of a client's open dead letters, newest first: each state of the Contact was refused."""
    store = await Store.open(f"sqlite+aiosqlite:///{shop.shop.home}/view.sqlite")
    key = str(the_account(shop, name)["FreshBooks_Client_Id__c"])
    found = await letters(store)
    await store.close()
    return [it.id for it in found if it.row == f"Contact {key}" and it.closed is None]


async def run(shop: RunningShop, line: str, letter: str) -> Said:
    said = await shop.shell.run(line.replace("3f9a1c", letter))
    await shop.settled()
    return said


async def waiting(shop: RunningShop) -> int:
    """Return how many rows wait behind failed ones, as Prometheus reads it of the worker."""
    port = orjson.loads((shop.shop.home / "run" / "worker.json").read_bytes())["port"]
    async with shop.session.get(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    its = 'freshforce_parked_rows{behind="failed-row",connection="acme"} '
    return sum(int(float(line.removeprefix(its))) for line in lines if line.startswith(its))


async def _edit(shop: RunningShop, show: str, edit: str) -> None:
    newest, *older = await letters_of(shop, EDITED)
    said = await run(shop, show, newest)
    assert (said.code, re.search(r"^behind +6 rows wait ", said.out, re.MULTILINE) is not None) == (
        0,
        True,
    ), said
    assert newest[:12] in (await run(shop, show, older[0])).out

    said = await run(shop, edit, newest)

    assert (said.code, said.out.splitlines()[-1]) == (0, "1 sent anew"), said.out + said.err
    assert held(shop, EDITED) == Held([None], DEALS, OWES, ["Contact", *ROLLED_UP])
    assert await letters_of(shop, EDITED) == []


async def _discard(shop: RunningShop, discard: str) -> None:
    newest, *older = await letters_of(shop, DISCARDED)
    said = await run(shop, discard, newest)

    assert all(f"{it}  " in said.out for it in older), said.out
    assert (said.code, said.out.splitlines()[-1]) == (0, "3 discarded"), said.out + said.err
    assert held(shop, DISCARDED) == Held([], DEALS, OWES, ROLLED_UP)


async def _retry(shop: RunningShop, retry: str) -> None:
    shop.org.control.rules(Rules())
    newest, *_ = await letters_of(shop, RETRIED)

    said = await run(shop, retry, newest)

    assert (said.code, said.out.splitlines()[-1]) == (0, "1 put back"), said.out + said.err
    assert held(shop, RETRIED) == Held(["typo.maple@x.example"], DEALS, OWES, ["Contact", *ROLLED_UP])


@pytest.mark.timeout(600)
async def test_what_waits_behind_a_refused_row_goes_by_each_of_three_ways(tmp_path: Path) -> None:
    look, show, retry, edit, discard = walk("When a message fails", 1)
    async with running_shop(tmp_path, "worker,view") as shop:
        await a_morning(shop)
        assert held(shop, WELL) == Held(["well.birch@x.example"], DEALS, OWES, ROLLED_UP)
        assert [held(shop, name) for name in (RETRIED, EDITED, DISCARDED)] == [Held([], [], None, [])] * 3
        assert await waiting(shop) == 18
        said = await run(shop, look, "")
        assert (said.code, " 18 " in said.out) == (1, True), said.out

        await _edit(shop, show, edit)
        assert await waiting(shop) == 12
        await _discard(shop, discard)
        assert await waiting(shop) == 6
        await _retry(shop, retry)
        assert await waiting(shop) == 0
        assert (await run(shop, look, "")).code == 0
