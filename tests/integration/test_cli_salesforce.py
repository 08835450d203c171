"""An operator connects a Salesforce org and looks whether all is well, at a real terminal on real Kafka."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from app.bench.installation import SHARED_KEY
from app.sandbox.salesforce.auth import AuthTrouble
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from app.vault.keys import add

NO_FRESHBOOKS = ["FreshBooks token", "Salesforce dry run"]
"""What ping finds amiss where FreshBooks is not connected: the keys of our rows begin with its account."""


@dataclass
class Terminal:
    """A shell with the installation's settings."""

    environment: dict[str, str]

    async def run(self, *words: str, typed: str = "") -> tuple[int, str]:
        """Run a command of ours; return its exit code and what it printed."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", *words),
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(typed.encode())
        return process.returncode or 0, out.decode() + err.decode()

    async def connect(self, org: RunningSalesforce, *more: str) -> tuple[int, str]:
        words = ("connect", "salesforce", "acme", "--domain", org.url, "--client-id", org.client_id)
        return await self.run(*words, "--client-secret-file", "-", *more, typed=org.client_secret)


@pytest.fixture
async def terminal(kafka: str, tmp_path: Path) -> Terminal:
    settings = {"HOME": str(tmp_path), "KAFKA": kafka, "ALLOW_HTTP_VENDORS": "true", "REPLICATION": "1"}
    settings |= {"MIN_INSYNC": "1", "PARTITIONS": "4"}
    shell = Terminal(dict(os.environ) | {f"FRESHFORCE_{name}": value for name, value in settings.items()})
    add(tmp_path / "keys", SHARED_KEY)
    code, said = await shell.run("topics", "create")
    assert code == 0, said
    return shell


async def test_an_org_is_connected_and_its_state_told(terminal: Terminal) -> None:
    async with running_salesforce("prepared") as org:
        code, said = await terminal.connect(org, "--json")
        assert (code, orjson.loads(said.splitlines()[0])) == (
            0,
            {"connection": "acme", "instance": org.url, "org_currency": "USD"},
        )

        code, said = await terminal.run("ping", "acme", "--json")

        found = {each["what"]: each for each in orjson.loads(said.splitlines()[0])}
        assert code == 1
        assert [name for name, each in found.items() if not each["well"]] == NO_FRESHBOOKS
        assert "connect freshbooks acme" in found["FreshBooks token"]["mend"]
        assert org.client_secret not in said
        assert found["Salesforce currency"]["says"].startswith("USD by the connection's org_currency")

        org.control.auth(AuthTrouble.NO_RUN_AS_USER)
        code, said = await terminal.connect(org)
        assert code == 1
        assert "no-run-as-user" in said
        assert "set Run As" in said
        assert org.client_secret not in said


async def test_the_currency_of_the_org_is_what_was_said_or_each_amount_s_own(terminal: Terminal) -> None:
    async with running_salesforce("prepared") as org:
        code, said = await terminal.connect(org, "--moved", "--org-currency", "cad")
        assert code == 0, said
        assert "amounts: CAD is the org's own" in said

    async with running_salesforce("multi-currency") as org:
        code, said = await terminal.connect(org, "--moved", "--json")
        assert (code, orjson.loads(said.splitlines()[0])["org_currency"]) == (0, None)
