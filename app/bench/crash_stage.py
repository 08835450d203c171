"""Everything that a crash run needs, set up as a user would: Kafka, both vendors, the roles, a connection."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession

from app.bench.crash_house import Broker, Role
from app.bench.crash_plan import WORKERS, Size
from app.demo.joining import NAME, Vendor, join
from app.demo.orgs import Backstage
from app.demo.processes import Shop, end
from app.demo.waiting import ready
from app.kafka.embedded import single
from app.kafka.embedded.ports import HOST, free_ports
from app.sandbox.faults import FaultKind, Faults, Rule

VENDOR_TROUBLE: Final = (
    Rule(kind=FaultKind.DELAY, probability=0.1, seconds=0.15),
    Rule(kind=FaultKind.ANSWER, probability=0.02, status=429, seconds=1),
    Rule(kind=FaultKind.ANSWER, probability=0.02, status=503),
    Rule(kind=FaultKind.RESET, probability=0.01),
)
LOST: Final = Rule(kind=FaultKind.LOST_ANSWER, method="PATCH", path="*/composite/*", probability=0.04)
LOCKS: Final = {"trouble": [{"sobject": name, "rows": 1, "times": 40} for name in ("Account", "Opportunity")]}


@dataclass(frozen=True, slots=True)
class Stage:
    """All that runs."""

    shop: Shop
    backstage: Backstage
    kafka: str
    broker: Broker
    roles: dict[str, Role]

    async def trouble(self, seed: int) -> None:
        """Let both vendors fail now and then: limits, outages, lost answers, locked rows."""
        await self.backstage.control.faults(Faults(seed=seed, rules=VENDOR_TROUBLE))
        faults = Faults(seed=seed, rules=(*VENDOR_TROUBLE, LOST))
        await self.salesforce("PUT", "faults", faults.model_dump(mode="json"))
        await self.salesforce("PUT", "rules", LOCKS)

    async def heal(self) -> None:
        """Let both vendors be well."""
        await self.backstage.control.faults(Faults())
        await self.salesforce("PUT", "faults", Faults().model_dump(mode="json"))
        await self.salesforce("PUT", "rules", {})

    async def ready(self, *roles: str) -> None:
        """Return when each of `roles` was ready once."""
        for name in roles:
            await ready(self.backstage.session, self.shop.home / "run" / f"{name}.json")

    async def salesforce(self, method: str, what: str, wish: Any = None) -> Any:
        """Ask the org's backstage."""
        url = f"{self.backstage.salesforce.url}/_sandbox/{what}"
        async with self.backstage.session.request(method, url, json=wish) as answer:
            answer.raise_for_status()
            return await answer.json()


@asynccontextmanager
async def staged(home: Path, size: Size, seed: int) -> AsyncIterator[Stage]:
    """Set the stage in the empty folder `home`, and clear it away whatever happens."""
    _empty(home)
    async with AsyncExitStack() as curtain:
        session = await curtain.enter_async_context(ClientSession())
        broker = Broker(home / "kafka")
        curtain.push_async_callback(broker.stop)
        kafka = await broker.start()
        door, desk = (f"{HOST}:{port}" for port in free_ports(2))
        url, shop = f"http://{door}", Shop(home, environment(home, kafka, door, desk))
        both, *_ = await asyncio.gather(
            vendors(curtain, shop, seed), shop.command("keys", "new"), shop.command("topics", "create")
        )
        stage = Stage(shop, Backstage(session, *both), kafka, broker, _roles(shop, size))
        for role in stage.roles.values():
            curtain.push_async_callback(role.stop)
            role.start()
        await join(shop, *both, url)
        await stage.ready("ingress", *WORKERS)
        await shop.command("webhooks", "register", NAME)
        yield stage


async def vendors(curtain: AsyncExitStack, shop: Shop, seed: int) -> tuple[Vendor, Vendor]:
    """Run the sandbox until the curtain falls; return both vendors of it."""
    words = ("--json", "--freshbooks-port", "0", "--salesforce-port", "0", "--seed", str(seed))
    process = await shop.begin("sandbox", "run", *words)
    curtain.push_async_callback(end, process)
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    return Vendor.read(said, "freshbooks"), Vendor.read(said, "salesforce")


def environment(home: Path, kafka: str, door: str, desk: str) -> dict[str, str]:
    """Return the settings; Kafka is named, as a real cluster would be: its crash is not a missing one."""
    return {
        "FRESHFORCE_HOME": str(home),
        "FRESHFORCE_KAFKA": kafka,
        "FRESHFORCE_REPLICATION": "1",
        "FRESHFORCE_MIN_INSYNC": "1",
        "FRESHFORCE_LISTEN": door,
        "FRESHFORCE_ADMIN_LISTEN": desk,
        "FRESHFORCE_PUBLIC_URL": f"http://{door}",
        "FRESHFORCE_ALLOW_HTTP_VENDORS": "true",
    }


def _empty(home: Path) -> None:
    """Clear away what a run left behind that was itself killed."""
    single.stop(home / "kafka")
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)


def _roles(shop: Shop, size: Size) -> dict[str, Role]:
    names = ("ingress", *WORKERS, *size.roles)
    return {name: Role(name, shop.home, shop.environment) for name in names}
