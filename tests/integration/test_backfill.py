"""A history is put into the log by the command, killed and taken up elsewhere, on real Kafka."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson
import pytest

from app.demo.joining import Vendor, connect_freshbooks
from app.demo.processes import Shop
from app.poll.told import told
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from tests.builders.installation import REDIRECT
from tests.builders.terminal import Terminal

CLIENTS = 1_100
"""Eleven pages, in the log before the list of invoices is asked for."""
SILENT = Rule(kind=FaultKind.ANSWER, path="*/invoices/invoices*", skip=2, status=503)
"""FreshBooks tells how many invoices it has, then no more of them."""


@dataclass
class Books:
    """A machine of an installation whose FreshBooks has a history."""

    terminal: Terminal
    name: str
    kafka: str
    sandbox: RunningFreshBooks

    async def backfill(self, *words: str) -> dict[str, Any]:
        code, out, err = await self.terminal.run("backfill", self.name, "--json", *words)
        assert code == 0, out + err
        found: dict[str, Any] = orjson.loads(out)
        return found

    async def standing(self) -> int:
        """How many findings the log holds."""
        connection = Connection(name=ConnectionName(self.name))
        found = await told({"bootstrap_servers": self.kafka}, connection, lambda _, __: None)
        return len(found.ids)

    async def until_killed(self) -> None:
        """Begin, and die by SIGKILL when the clients stand in the log and the invoices do not."""
        await self.sandbox.control.faults(Faults(rules=(SILENT,)))
        words = (sys.executable, "-m", "app", "backfill", self.name, "--json")
        process = await asyncio.create_subprocess_exec(*words, env=self.terminal.environment)
        async with asyncio.timeout(60):
            while await self.standing() < CLIENTS:  # noqa: ASYNC110 - a log rings no bell
                await asyncio.sleep(0.05)
        process.kill()
        assert await process.wait() < 0
        await self.sandbox.control.faults(Faults())


@pytest.fixture
async def books(kafka: str, tmp_path: Path) -> AsyncIterator[Books]:
    """A connection whose FreshBooks had clients, and an invoice, before us."""
    name, home = f"history-{token_hex(4)}", tmp_path / "one"
    home.mkdir()
    terminal = await Terminal.opened(home, kafka)
    terminal.environment["FRESHFORCE_BACKFILL_AHEAD"] = "0"  # no worker is here to wait for
    async with running_freshbooks() as sandbox:
        vendor = Vendor(sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.account_id)
        await connect_freshbooks(Shop(home, terminal.environment), vendor, REDIRECT, name)
        bodies = ({"organization": f"No. {number}"} for number in range(CLIENTS))
        found = await sandbox.control.act([Create(noun=Noun.CLIENT, body=body) for body in bodies])
        bill = {"customerid": found[0], "create_date": "2026-06-01", "lines": []}
        await sandbox.control.act([Create(noun=Noun.INVOICE, body=bill)])
        yield Books(terminal, name, kafka, sandbox)


def another_machine(books: Books, home: Path) -> Books:
    """A machine that shares nothing with the first but Kafka, the vendors and the keys."""
    home.mkdir()
    shutil.copy(Path(books.terminal.environment["FRESHFORCE_HOME"]) / "keys", home / "keys")
    there = Terminal(books.terminal.environment | {"FRESHFORCE_HOME": str(home)})
    return Books(there, books.name, books.kafka, books.sandbox)


async def test_what_was_killed_is_ended_by_another_machine_and_nothing_is_said_twice(
    books: Books, tmp_path: Path
) -> None:
    planned = await books.backfill("--plan")
    assert (planned["objects"], planned["written"]) == ({"client": CLIENTS, "invoice": 1, "payment": 0}, None)
    assert (planned["calls_at_least"], await books.standing()) == (13, 0)

    await books.until_killed()
    assert await books.standing() == CLIENTS

    elsewhere = another_machine(books, tmp_path / "two")
    assert (await elsewhere.backfill())["written"] == 1
    assert (await elsewhere.backfill())["written"] == 0
    assert await books.standing() == CLIENTS + 1
