"""A whole Freshforce on this machine, both sandboxes connected; the README's lines run in its shell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientSession

from app.demo.joining import Vendor, connect_freshbooks, secret_file
from app.demo.processes import Shop, end
from app.demo.progress import Watcher
from app.demo.waiting import ready, viewed
from app.kafka.embedded import single
from app.kafka.embedded.ports import HOST, free_ports
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from tests.builders.readme import Shell

NAME = "acme"
PATIENCE = 90.0


@dataclass
class RunningShop:
    """What the README's reader has: a terminal, and both vendors."""

    shop: Shop
    shell: Shell
    books: RunningFreshBooks
    org: RunningSalesforce
    session: ClientSession

    async def settled(self) -> None:
        """Return when all of the log is worked off, and the view has it."""
        kafka = single.running(self.shop.home / "kafka")
        assert kafka is not None
        async with asyncio.timeout(PATIENCE), Watcher(kafka) as watcher:
            while not (await watcher.look()).settled:  # noqa: ASYNC110  # Kafka rings no bell
                await asyncio.sleep(0.2)
            await viewed(self.session, self.shop.home, await watcher.audited())


@asynccontextmanager
async def running_shop(home: Path, roles: str) -> AsyncIterator[RunningShop]:
    """Set all of it up, with Kafka of its own; the connection is `acme`."""
    public, admin = free_ports(2)
    settings = {
        "HOME": str(home),
        "PUBLIC_URL": f"http://{HOST}:{public}",
        "LISTEN": f"{HOST}:{public}",
        "ADMIN_LISTEN": f"{HOST}:{admin}",
        "ALLOW_HTTP_VENDORS": "true",
        "PARTITIONS": "2",
    }
    shop = Shop(home, {f"FRESHFORCE_{name}": value for name, value in settings.items()})
    async with (
        running_freshbooks() as books,
        running_salesforce("prepared") as org,
        ClientSession() as session,
    ):
        await shop.command("keys", "new")
        running = await shop.begin("run", "--roles", roles)
        try:
            for role in roles.split(","):
                async with asyncio.timeout(PATIENCE):
                    await ready(session, home / "run" / f"{role}.json")
            await _joined(shop, books, org)
            yield RunningShop(shop, Shell(home, shop._environment()), books, org, session)
        finally:
            await end(running)
            await asyncio.to_thread(single.stop, home / "kafka")


async def _joined(shop: Shop, books: RunningFreshBooks, org: RunningSalesforce) -> None:
    vendor = Vendor(books.url, books.client_id, books.client_secret, books.account_id)
    redirect = f"{shop.environment['FRESHFORCE_PUBLIC_URL']}/oauth/freshbooks/callback"
    await connect_freshbooks(shop, vendor, redirect, NAME)
    secret = secret_file(shop.home, "salesforce", Vendor(org.url, org.client_id, org.client_secret))
    words = ("--domain", org.url, "--client-id", org.client_id, "--client-secret-file", secret)
    await shop.command("connect", "salesforce", NAME, *words)
    await shop.command("connections", "set", NAME, "freshbooks_reads_per_second=400")
