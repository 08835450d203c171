"""The stage of the demo: an empty state folder, both vendors, Kafka, the roles; cleared away in the end."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import ClientSession

from app.demo.joining import NAME, Vendor, join
from app.demo.orgs import Backstage
from app.demo.processes import Shop, end
from app.demo.waiting import ready, true
from app.kafka.embedded import single
from app.kafka.embedded.ports import free_ports

PATIENCE: Final = 150.0
"""Seconds until roles that are not ready, or work that is not done, mean that the demo failed."""
NEEDED: Final = ("ingress", "worker", "view")
"""Roles that must be ready before the first webhook."""

GivenT = TypeVar("GivenT")
Say = Callable[[str], None]
"""Tells people what is being done."""


class DemoFailed(Exception):
    """The demo could not be played; the message says what to look at."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on."""

    home: Path
    shop: Shop
    session: ClientSession
    backstage: Backstage
    running: asyncio.subprocess.Process
    """`freshforce run`."""

    @property
    def kafka(self) -> str:
        """Bootstrap servers of the demo's Kafka, whatever Kafka the settings of this machine name.

        Raises:
            DemoFailed: it does not run.
        """
        address = single.running(self.home / "kafka")
        if address is None:
            message = f"the demo's Kafka has ended; see {self.home / 'kafka'}"
            raise DemoFailed(message)
        return address

    async def wait(self, done: Awaitable[GivenT], what: str) -> GivenT:
        """Return what `done` gives; not later than the end of patience or of Freshforce.

        Raises:
            DemoFailed: says what was waited for.
        """
        waiting, ending = asyncio.ensure_future(done), asyncio.create_task(self.running.wait())
        try:
            await asyncio.wait({waiting, ending}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                return await waiting
        finally:
            waiting.cancel()
            ending.cancel()
        why = "Freshforce has ended" if self.running.returncode is not None else f"{PATIENCE:g} s are over"
        message = f"waited for {what}, but {why}; see {self.home / 'run.log'}"
        raise DemoFailed(message)


@asynccontextmanager
async def staged(home: Path, seed: int, say: Say) -> AsyncIterator[Stage]:
    """Start everything on an empty stage and connect it; in the end clear it away.

    Raises:
        DemoFailed: a part did not come up.
        CommandFailed: one of the commands that a user would type failed.
    """
    _clear(home)
    public, admin = free_ports(2)
    url = f"http://127.0.0.1:{public}"
    shop = Shop(home, _environment(home, url, admin))
    async with AsyncExitStack() as curtain:
        session = await curtain.enter_async_context(ClientSession())
        say("starting a FreshBooks and a Salesforce that speak the vendors' HTTP")
        sandbox = await shop.begin("sandbox", "run", *_sandbox_words(seed))
        curtain.push_async_callback(end, sandbox)
        say("starting Kafka and Freshforce's roles (the first time ever fetches Kafka: about a minute)")
        await shop.command("keys", "new")
        running = await shop.begin("run")
        curtain.push_async_callback(end, running)
        vendors = await _vendors(sandbox, home)
        stage = Stage(home, shop, session, Backstage(session, *vendors), running)
        await stage.wait(true((home / "run").is_dir), "Kafka")
        say("connecting: consent and code at FreshBooks, client credentials at Salesforce")
        await join(shop, *vendors, url)
        await stage.wait(_roles_are_ready(stage), "the roles")
        say("registering webhooks: FreshBooks posts a code to each, the worker sends it back")
        await shop.command("webhooks", "register", NAME)
        yield stage
        say("stopping everything")


async def _roles_are_ready(stage: Stage) -> None:
    for role in NEEDED:
        await ready(stage.session, stage.home / "run" / f"{role}.json")


async def _vendors(sandbox: asyncio.subprocess.Process, home: Path) -> tuple[Vendor, Vendor]:
    assert sandbox.stdout is not None
    said = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            said = (await sandbox.stdout.readline()).decode()
    if not said:
        message = f"the sandbox did not start; see {home / 'sandbox.log'}"
        raise DemoFailed(message)
    return Vendor.read(said, "freshbooks"), Vendor.read(said, "salesforce")


def _sandbox_words(seed: int) -> tuple[str, ...]:
    return ("--json", "--freshbooks-port", "0", "--salesforce-port", "0", "--seed", str(seed))


def _clear(home: Path) -> None:
    single.stop(home / "kafka")  # of a demo that was killed
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)


def _environment(home: Path, url: str, admin: int) -> dict[str, str]:
    """Return the settings of the demo's Freshforce, as a user would put them into .env."""
    return {
        "FRESHFORCE_HOME": str(home),
        "FRESHFORCE_LISTEN": url.removeprefix("http://"),
        "FRESHFORCE_ADMIN_LISTEN": f"127.0.0.1:{admin}",
        "FRESHFORCE_PUBLIC_URL": url,
        "FRESHFORCE_ALLOW_HTTP_VENDORS": "true",
    }
