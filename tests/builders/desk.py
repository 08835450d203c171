"""The pages over HTTP, on an installation without Kafka; and a browser that keeps to itself."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import ClientSession, CookieJar, web
from prometheus_client import CollectorRegistry

from app.desk.desk import Desk
from app.desk.guard import Guard
from app.desk.pages import templates
from app.desk.refusals import Refusals
from app.desk.site import make_site, serve
from app.desk.works import Works
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.transport import transport
from app.settings import Settings
from streams.domain.audit import Step
from tests.builders.installation import Installation, clock, installed
from tests.fakes.letters import FakeLetters
from tests.fakes.match_book import FakeMatchBook
from tests.fakes.replays import PlannedReplays


@dataclass(frozen=True, slots=True)
class Seen:
    """What a browser got."""

    status: int
    text: str
    headers: dict[str, str]


@dataclass(slots=True)
class Browser:
    """Asks for pages and sends the forms on them; no scripts."""

    session: ClientSession
    url: str
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> Seen:
        async with self.session.get(self.url + path, headers=headers) as answer:
            return await self._seen(answer.status, answer)

    async def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Seen:
        """Send a form of the page seen last, and follow where it leads."""
        sent = {"csrf": self.csrf} | (fields or {})
        told = {"Origin": self.url} | headers
        async with self.session.post(self.url + path, data=sent, headers=told) as answer:
            return await self._seen(answer.status, answer)

    async def _seen(self, status: int, answer: object) -> Seen:
        text = (await answer.read()).decode(errors="replace")  # type: ignore[attr-defined]
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', text)
        self.csrf = found[1] if found else self.csrf
        return Seen(status, text, dict(answer.headers))  # type: ignore[attr-defined]


@dataclass(slots=True)
class Office:
    """A desk, its browser, and the installation behind."""

    installation: Installation
    desk: Desk
    browser: Browser
    replays: PlannedReplays
    refused: Refusals


@asynccontextmanager
async def an_office(home: Path) -> AsyncIterator[Office]:
    """A desk whose FreshBooks is the sandbox; nothing is connected."""
    async with installed() as found, transport() as send:
        found.registry = replace(found.registry, speaker=Step.DESK)
        told = {"home": home, "allow_http_vendors": True, "public_url": found.url}
        settings = Settings(_env_file=None, **told)  # type: ignore[arg-type]
        replays = PlannedReplays()
        kept = (
            replays,
            FakeMatchBook(),
            orgs(found.registry, send, allow_http=True),
            found.books,
            FakeLetters(),
        )
        desk = Desk(settings, found.registry, found.session, send, {}, Works(clock), templates(), *kept)  # type: ignore[arg-type]
        refused = Refusals(found.registry, asyncio.get_running_loop().time)
        guard = Guard("127.0.0.1:0", b"k" * 32, lambda: "a-cookie", refused)
        runner = await serve(make_site(desk, guard, dict, CollectorRegistry()), "127.0.0.1:0")
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            yield Office(found, desk, Browser(session, url), replays, refused)
        await desk.close()
        await runner.cleanup()


__all__ = ["Browser", "Office", "Seen", "an_office", "web"]
