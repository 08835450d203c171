"""The whole house, each door of it behind a wire: Kafka, both vendors, ingress, worker, connection."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from app.bench.crash_house import Broker, Role
from app.bench.crash_stage import Stage, environment, vendors
from app.bench.crash_trail import endings, trail
from app.demo.joining import NAME, Vendor, connect_freshbooks, join
from app.demo.judge import judge
from app.demo.orgs import Backstage, missing
from app.demo.processes import Shop
from app.demo.progress import Watcher
from app.kafka.embedded.ports import HOST, free_ports
from app.sandbox.freshbooks.acts import Act
from streams.domain.audit import Step, Verdict
from tests.builders.fronted import fronted
from tests.fakes.clock_astray import AROUND, astray
from tests.fakes.http_wire import HttpWire
from tests.fakes.kafka_wire import KafkaWire
from tests.fakes.wire import laid

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class House:
    """All that runs, and the wires in between."""

    stage: Stage
    kafka: KafkaWire
    door: HttpWire
    freshbooks: HttpWire
    salesforce: HttpWire
    books: Vendor
    """FreshBooks, as seen through its wire."""

    async def consent_again(self) -> None:
        """Do what the owner of the books does when a connection needs consent."""
        url = self.stage.shop.environment["FRESHFORCE_PUBLIC_URL"]
        await connect_freshbooks(self.stage.shop, self.books, f"{url}/oauth/freshbooks/callback")

    def jump(self, by: timedelta) -> None:
        """Set the clock of all our processes so far off, from now on."""
        (self.stage.shop.home / "astray").write_text(str(by.total_seconds()))

    async def said(self, step: Step, verdict: Verdict) -> int:
        """Return how often `step` came to `verdict`."""
        return endings(await trail(self.stage.kafka)).verdicts[f"{step.value}:{verdict.value}"]

    async def act(self, *acts: Act) -> list[int]:
        """Do what users of FreshBooks do."""
        return await self.stage.backstage.control.act(acts)

    async def settled(self) -> None:
        """Return when every webhook is delivered and all of the log is worked off."""
        async with asyncio.timeout(PATIENCE):
            await self.stage.ready(*self.stage.roles)
            await self.stage.backstage.control.settle(PATIENCE)
            async with Watcher(self.stage.kafka) as watcher:
                while not (await watcher.look()).settled:  # noqa: ASYNC110  # Kafka rings no bell
                    await asyncio.sleep(0.2)

    async def verdict(self) -> None:
        """Assert that nothing is lost, that Salesforce is as FreshBooks, and that all has one end."""
        backstage = self.stage.backstage
        assert await missing(self.stage.kafka, await backstage.accepted()) == 0
        differs = judge(await backstage.books(), await backstage.org())
        assert differs == [], differs
        ends = endings(await trail(self.stage.kafka))
        assert (ends.open, ends.twice) == ([], [])
        assert not [name for name in ends.verdicts if name.endswith("dead-letter")]

    async def bodies(self) -> Counter[str]:
        """Return how often each webhook is in the log."""
        return Counter(event["webhook"]["body"] for event in (await trail(self.stage.kafka)).events)

    async def writes(self, sobject: str, external_id: str) -> list[Any]:
        """Return what a row of Salesforce was, write by write."""
        field = {"Account": "FreshBooks_Client_Id__c", "Opportunity": "FreshBooks_Invoice_Id__c"}[sobject]
        rows = await self.stage.salesforce("GET", f"rows/{sobject}")
        (row,) = (row for row in rows if row.get(field) == external_id)
        found: list[Any] = await self.stage.salesforce("GET", f"history/{row['Id']}")
        return found


@asynccontextmanager
async def a_house(home: Path) -> AsyncIterator[House]:
    """Set it up in `home`, as a user would, and clear it away."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(ClientSession())
        ingress, desk, door = free_ports(3)
        kafka = await stack.enter_async_context(fronted(home / "kafka", KafkaWire))
        entrance = await stack.enter_async_context(laid(HttpWire(ingress, door)))
        url = f"http://{HOST}:{door}"
        told = environment(home, kafka.servers, f"{HOST}:{ingress}", f"{HOST}:{desk}")
        shop = Shop(home, told | {"FRESHFORCE_PUBLIC_URL": url, **astray(home / "astray")})
        real, *_ = await asyncio.gather(
            vendors(stack, shop, 7), shop.command("keys", "new"), shop.command("topics", "create")
        )
        books, org = [await stack.enter_async_context(laid(HttpWire(_port(vendor)))) for vendor in real]
        roles = {name: Role(name, home, shop.environment, AROUND) for name in ("ingress", "worker")}
        stage = Stage(shop, Backstage(session, *real), kafka.servers, Broker(home / "kafka"), roles)
        for role in roles.values():
            stack.push_async_callback(role.stop)
            role.start()
        freshbooks, salesforce = _through(real[0], books), _through(real[1], org)
        await join(shop, freshbooks, salesforce, url)
        await stage.ready("ingress", "worker")
        await shop.command("webhooks", "register", NAME)
        await stage.salesforce("PUT", "history")
        await stage.backstage.control.webhooks(retry=True, timeout=5.0)
        yield House(stage, kafka.wire, entrance, books, org, freshbooks)


def _port(vendor: Vendor) -> int:
    return int(vendor.url.rpartition(":")[2])


def _through(vendor: Vendor, wire: HttpWire) -> Vendor:
    return replace(vendor, url=f"http://{HOST}:{wire.port}")
