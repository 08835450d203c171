"""From nothing to the first row: the README's commands, as they stand there, against both sandboxes."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientSession

from app.bench.crash_trail import trail
from app.demo.processes import PROGRAM, CommandFailed, Shop, end
from app.demo.waiting import ready
from app.kafka.embedded import single
from app.kafka.embedded.ports import HOST, free_ports
from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from app.sandbox.server import RunningFreshBooks, running_freshbooks

NAME = "acme"
MAPLE = Create(noun=Noun.CLIENT, body={"organization": "Maple & Sons", "email": "ann@maple.example"})
CALLBACK = "/oauth/freshbooks/callback"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A fresh home without anything in it, and the few settings that the README asks for."""
    public, admin = free_ports(2)
    settings = {
        "HOME": str(tmp_path),
        "PUBLIC_URL": f"http://{HOST}:{public}",
        "LISTEN": f"{HOST}:{public}",
        "ADMIN_LISTEN": f"{HOST}:{admin}",
        "ALLOW_HTTP_VENDORS": "true",
        "PARTITIONS": "2",
    }
    yield Shop(tmp_path, {f"FRESHFORCE_{name}": value for name, value in settings.items()})
    await asyncio.to_thread(single.stop, tmp_path / "kafka")


async def connect_freshbooks(shop: Shop, books: RunningFreshBooks) -> str:
    """Run the command, open the address that it prints in a browser, and return what it says in the end."""
    secret = shop.home / "freshbooks.secret"
    secret.write_text(books.client_secret)
    words = (
        *("connect", "freshbooks", NAME, "--client-id", books.client_id),
        *("--client-secret-file", str(secret), "--api-url", books.url, "--auth-url", books.url),
    )
    process = await asyncio.create_subprocess_exec(
        *(*PROGRAM, *words),
        cwd=shop.home,
        env=shop._environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = ""
    while (found := re.search(rf"{books.url}/\S+", said)) is None:
        line = await process.stderr.readline()
        assert line, said
        said += line.decode()
    async with ClientSession() as browser, browser.get(found[0]) as page:
        assert str(page.url).startswith(shop.environment["FRESHFORCE_PUBLIC_URL"] + CALLBACK)
        assert "FreshBooks said yes" in await page.text()
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def connect_salesforce(shop: Shop, org: RunningSalesforce) -> None:
    secret = shop.home / "salesforce.secret"
    secret.write_text(org.client_secret)
    await shop.command(
        *("connect", "salesforce", NAME, "--domain", org.url, "--client-id", org.client_id),
        *("--client-secret-file", str(secret)),
    )


async def arrived_by(shop: Shop) -> set[str]:
    """Return how the news came into the log: by a webhook, or by polling."""
    running = single.running(shop.home / "kafka")
    assert running is not None
    return {event["source"] for event in (await trail(running)).events}


async def account_in(org: RunningSalesforce) -> str:
    async with asyncio.timeout(30):
        while not (rows := org.control.people.rows("Account")):  # noqa: ASYNC110 - the org tells nobody
            await asyncio.sleep(0.1)
    return str(rows[0]["Name"])


@pytest.mark.timeout(300)
async def test_the_readme_s_commands_lead_from_nothing_to_the_first_account(shop: Shop) -> None:
    async with running_freshbooks() as books, running_salesforce("bare") as org, ClientSession() as asked:
        await shop.command("keys", "new")
        roles = await shop.begin("run")
        try:
            for role in ("ingress", "worker", "poller"):
                await ready(asked, shop.home / "run" / f"{role}.json")

            assert books.account_id in await connect_freshbooks(shop, books)
            await connect_salesforce(shop, org)
            with pytest.raises(CommandFailed, match="setup salesforce acme"):
                await shop.command("ping", NAME)
            await shop.command("setup", "salesforce", NAME, "--apply")
            pinged = orjson.loads(await shop.command("ping", NAME, "--json"))
            assert [each for each in pinged if not each["well"]] == []
            await shop.command("webhooks", "register", NAME)
            assert "3 of 3 verified" in await shop.command("connections", "list")
            pinged = orjson.loads(await shop.command("ping", NAME, "--json"))
            assert [each for each in pinged if not each["well"]] == []
            assert "3 registered and verified" in [each["says"] for each in pinged]

            await books.control.act([MAPLE])

            assert await account_in(org) == "Maple & Sons"
            assert await arrived_by(shop) == {"webhook"}
            await shop.command("connections", "remove", NAME, "--apply")
            assert books.freshbooks.callbacks.all() == []
            assert orjson.loads(await shop.command("connections", "list", "--json")) == []
        finally:
            await end(roles)
