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
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from tests.builders.installation import REDIRECT
from tests.builders.terminal import Terminal

CLIENTS = 1_100
"""Eleven pages, of which five make the first piece that is written."""


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
        """Begin, and die by SIGKILL when the first piece stands in the log."""
        words = (sys.executable, "-m", "app", "backfill", self.name, "--json")
        process = await asyncio.create_subprocess_exec(*words, env=self.terminal.environment)
        async with asyncio.timeout(60):
            while not await self.standing():  # noqa: ASYNC110 - a log rings no bell
                await asyncio.sleep(0.05)
        process.kill()
        assert await process.wait() < 0


@pytest.fixture
async def books(kafka: str, tmp_path: Path) -> AsyncIterator[Books]:
    """A connection whose FreshBooks had clients before us."""
    name, home = f"history-{token_hex(4)}", tmp_path / "one"
    home.mkdir()
    terminal = await Terminal.opened(home, kafka)
    terminal.environment["FRESHFORCE_BACKFILL_AHEAD"] = "0"  # no worker is here to wait for
    async with running_freshbooks() as sandbox:
        vendor = Vendor(sandbox.url, sandbox.client_id, sandbox.client_secret, sandbox.account_id)
        await connect_freshbooks(Shop(home, terminal.environment), vendor, REDIRECT, name)
        bodies = ({"organization": f"No. {number}"} for number in range(CLIENTS))
        await sandbox.control.act([Create(noun=Noun.CLIENT, body=body) for body in bodies])
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
    assert (planned["objects"], planned["written"]) == ({"client": CLIENTS, "invoice": 0, "payment": 0}, None)
    assert (planned["calls_at_least"], await books.standing()) == (12, 0)

    await books.until_killed()
    begun = await books.standing()
    assert 0 < begun < CLIENTS

    elsewhere = another_machine(books, tmp_path / "two")
    assert (await elsewhere.backfill())["written"] == CLIENTS - begun
    assert (await elsewhere.backfill())["written"] == 0
    assert await books.standing() == CLIENTS
