"""An installation in which nobody has connected anything: roles, both vendors, a bare org."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from aiohttp import ClientSession

from app.demo.joining import Vendor
from app.demo.orgs import Backstage
from app.demo.processes import Shop, end
from app.demo.waiting import ready
from app.kafka.embedded import single
from app.kafka.embedded.ports import free_ports

PATIENCE = 120
ROLES = ("ingress", "worker", "view", "desk")


@dataclass(frozen=True, slots=True)
class Nothing:
    """Where everything is, and as whom to connect."""

    desk: str
    freshbooks: Vendor
    salesforce: Vendor
    backstage: Backstage

    async def until_accounts(self, name: str) -> Any:
        """Return the Account of that name, once Salesforce has it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [row for row in (await self.backstage.org()).accounts if row["Name"] == name]
                if found:
                    return found[0]
                await asyncio.sleep(0.2)


@asynccontextmanager
async def from_nothing(home: Path) -> AsyncIterator[Nothing]:
    """Start all of it, as a user would, and clear it away."""
    public, admin = free_ports(2)
    settings = {
        "HOME": str(home),
        "LISTEN": f"127.0.0.1:{public}",
        "ADMIN_LISTEN": f"127.0.0.1:{admin}",
        "PUBLIC_URL": f"http://127.0.0.1:{public}",
        "ALLOW_HTTP_VENDORS": "true",
    }
    shop = Shop(home, {f"FRESHFORCE_{name}": value for name, value in settings.items()})
    words = ("--json", "--freshbooks-port", "0", "--salesforce-port", "0", "--org", "bare")
    async with AsyncExitStack() as house:
        session = await house.enter_async_context(ClientSession())
        house.callback(single.stop, home / "kafka")
        sandbox = await shop.begin("sandbox", "run", *words)
        house.push_async_callback(end, sandbox)
        await shop.command("keys", "new")
        running = await shop.begin("run", "--roles", ",".join(ROLES))
        house.push_async_callback(end, running)
        assert sandbox.stdout is not None
        said = orjson.loads(await sandbox.stdout.readline())
        vendors = Vendor(**said["freshbooks"]), Vendor(**said["salesforce"])
        async with asyncio.timeout(PATIENCE):
            for role in ROLES:
                await ready(session, home / "run" / f"{role}.json")
        yield Nothing(f"http://127.0.0.1:{admin}", *vendors, Backstage(session, *vendors))
