"""An operator makes a fresh org ready and asks what money to expect, at a real terminal on real Kafka."""

from pathlib import Path
from typing import Any

import orjson

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from tests.builders.terminal import Terminal

NAME = "to-set-up"
"""The tests of a session share one Kafka: each has its own connection."""


async def connect(shell: Terminal, org: RunningSalesforce) -> None:
    words = ("connect", "salesforce", NAME, "--domain", org.url, "--client-id", org.client_id)
    code, out, err = await shell.run(*words, "--client-secret-file", "-", typed=org.client_secret)
    assert code == 0, out + err


async def asked(shell: Terminal, *words: str) -> tuple[int, Any]:
    """Run a command with --json; return its exit code and what it printed."""
    code, out, err = await shell.run(*words, "--json")
    assert out, err
    return code, orjson.loads(out.splitlines()[-1])


def an_invoice(due: str) -> dict[str, Any]:
    return {
        "Name": "Invoice 1",
        "StageName": "Negotiation/Review",
        "CloseDate": due,
        "FreshBooks_Invoice_Id__c": "ACC1:1",
        "FreshBooks_Due_Date__c": due,
        "FreshBooks_Outstanding__c": 12.5,
        "FreshBooks_Currency__c": "USD",
        "FreshBooks_Payment_Status__c": "unpaid",
    }


async def test_a_fresh_org_is_planned_set_up_checked_and_reported_on(kafka: str, tmp_path: Path) -> None:
    shell = await Terminal.opened(tmp_path, kafka)
    async with running_salesforce("bare") as org:
        await connect(shell, org)

        planned, plan = await asked(shell, "setup", "salesforce", NAME)
        refused, _, told = await shell.run("report", "cashflow", NAME)
        cut = Rule(kind=FaultKind.HTML, status=200, method="POST", path="*/CustomField", skip=3)
        org.control.faults(Faults(rules=(cut,)))
        halfway, _, why = await shell.run("setup", "salesforce", NAME, "--apply")
        org.control.faults(Faults())
        applied, done = await asked(shell, "setup", "salesforce", NAME, "--apply")
        again, same = await asked(shell, "setup", "salesforce", NAME)
        _, findings = await asked(shell, "ping", NAME)

        assert (planned, applied, again, refused) == (1, 0, 0, 1)
        assert {item["state"] for item in plan["items"]} == {"missing"}
        assert halfway == 1
        assert "mend: run it again: what was added stays" in why
        assert [item["state"] for item in done["items"]].count("there") == 3
        assert {item["state"] for item in done["items"]} == {"there", "added"}
        assert {item["state"] for item in same["items"]} == {"there"}
        amiss = [each["what"] for each in findings if not each["well"]]
        assert amiss == ["FreshBooks token", "Salesforce dry run"], "there is no FreshBooks account yet"
        assert "not-set-up: the run-as user does not see Opportunities" in told
        assert f"mend: freshforce setup salesforce {NAME}\n" in told

        org.control.people.insert("Opportunity", an_invoice("2999-01-31"))
        code, report = await asked(shell, "report", "cashflow", NAME)
        before = org.control.counters()["total"]
        code_again, kept = await asked(shell, "report", "cashflow", NAME)
        _, drawn, _ = await shell.run("report", "cashflow", NAME)

        assert (code, code_again) == (0, 0)
        assert [(each["month"], each["currency"], each["total"]) for each in report["months"]] == [
            ("later", "USD", "12.50")
        ]
        assert kept == report
        assert org.control.counters()["total"] == before
        assert "█" in drawn


async def test_a_name_that_is_nobodys_is_told(kafka: str, tmp_path: Path) -> None:
    shell = await Terminal.opened(tmp_path, kafka)

    code, _, err = await shell.run("setup", "salesforce", "nobody")

    assert code == 1
    assert "no-connection" in err
