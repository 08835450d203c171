"""An incident leaves the house as a test: embedded Kafka and both sandboxes in, one file out."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.salesforce.rules import Rules, ValidationRule
from tests.builders.running_shop import RunningShop, running_shop

SOURCE = Path(__file__).parents[2]
PERSON = {
    "organization": "Canary & Sons",
    "fname": "Canaria",
    "lname": "Canarina",
    "email": "canary@mail.example",
    "p_street": "7 Canary Street",
    "p_city": "Canaryville",
    "bus_phone": "416 555 2368",
    "note": "canary note",
}
SECRETS = ("anary", "Canar", "555 2368", "98765.43", "12345.67", "86419.76")
RULE = ValidationRule(sobject="Opportunity", refuse_when="Name LIKE '%Canary%'", message="No Canary.")


async def a_past(shop: RunningShop) -> int:
    """A client with an invoice of which a part is paid, carried over; return the invoice."""
    (client,) = await shop.books.control.act([Create(noun=Noun.CLIENT, body=PERSON)])
    line = {"name": "Canary line", "qty": 1, "unit_cost": {"amount": "98765.43"}}
    bill = {"customerid": client, "create_date": "2026-11-01", "status": 2, "lines": [line]}
    (invoice,) = await shop.books.control.act([Create(noun=Noun.INVOICE, body=bill)])
    paid = {
        "invoiceid": invoice,
        "amount": {"amount": "12345.67"},
        "date": "2026-11-02",
        "note": "canary paid",
    }
    await shop.books.control.act([Create(noun=Noun.PAYMENT, body=paid)])
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()
    return invoice


def ran(text: str, folder: Path) -> tuple[int, str]:
    """Run the test in an empty folder, without any setting of an installation."""
    folder.mkdir()
    (folder / "test_incident.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_incident.py"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.timeout(400)
async def test_an_incident_goes_out_as_a_test_that_passes_until_something_decides_otherwise(
    tmp_path: Path,
) -> None:
    home, file = tmp_path / "home", tmp_path / "test_incident.py"
    home.mkdir()
    async with running_shop(home, "worker,view") as shop:
        shop.org.control.rules(Rules(validation=(RULE,)))
        invoice = await a_past(shop)
        words = f"freshforce trace acme invoice {invoice} --export-test {shlex.quote(str(file))}"
        said = await shop.shell.run(f"{words} --json")
        again = await shop.shell.run(words)
        nothing = await shop.shell.run(f"{words.replace(str(invoice), '999999999')} --force")
        over = await shop.shell.run(f"{words} --force")
    assert said.code == 0, said.err
    told = orjson.loads(said.out)
    assert (told["notes"], told["records"] >= 3) == ([], True), told
    assert any("FIELD_CUSTOM_VALIDATION_EXCEPTION" in it for it in told["troubles"]), told
    assert (again.code, over.code, nothing.code) == (1, 0, 1), over.err
    assert "is there already; nothing was written" in again.err
    assert "Nothing is known of invoice 999999999" in nothing.err

    text = file.read_text()
    assert [secret for secret in (*SECRETS, shop.books.account_id, str(invoice)) if secret in text] == []

    code, out = await asyncio.to_thread(ran, text, tmp_path / "empty")
    assert (code, "1 passed, 1 xfailed" in out) == (0, True), out

    broken = text.replace('"closed_won_when": "paid"', '"closed_won_when": "any_payment"')
    code, out = await asyncio.to_thread(ran, broken, tmp_path / "broken")
    assert (code, "FAILED test_incident.py::test_the_steps_decide_as" in out) == (1, True), out
