"""A whole installation against the FreshBooks sandbox, without Kafka: registry, keeper, a door."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, web
from pydantic import SecretStr

from app.connect.consent import ask_consent, pasted
from app.connect.freshbooks import Urls, with_urls
from app.connect.tokens import kept_tokens
from app.connect.webhooks import Webhooks
from app.freshbooks.books import HttpBooks
from app.freshbooks.door import open_session
from app.freshbooks.form import parse
from app.freshbooks.issuer import HttpIssuer
from app.freshbooks.oauth import OAuthApp
from app.registry import Registry
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from app.sandbox.serving import listening
from app.vault.access import Grants
from app.vault.seal import Sealer
from streams.domain.audit import AuditEntry
from streams.domain.connection import Connection
from streams.domain.event import Event
from streams.domain.grant import GrantRequest, RefreshAsked, Sealed, VerifierOffered
from streams.domain.message import Value
from streams.steps.keep_grants import KeepGrants
from streams.topics import GRANTS, Topic
from tests.builders.consents import Choose, joined, the_only_one
from tests.builders.vault import ACME, a_sealer
from tests.fakes.grants_view import GrantsView

REDIRECT = "https://freshforce.example/oauth/freshbooks/callback"


def clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a test's own composition root


@dataclass
class Installation:
    """Everything that stands between a person and FreshBooks."""

    sandbox: RunningFreshBooks
    session: ClientSession
    sealer: Sealer = field(default_factory=a_sealer)
    view: GrantsView = field(default_factory=GrantsView)
    connections: dict[str, Connection] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    handshakes: list[bytes] = field(default_factory=list)
    deaf: bool = False
    """The door answers 503 and keeps nothing."""
    url: str = ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        grants = Grants(self.view, self.sealer, self.write)
        self.registry = Registry(self.connections, grants, self.write, clock, os.urandom, self.erase)
        self.tokens = kept_tokens(self.registry)
        self.issuer = HttpIssuer(self.session, self.connections, grants, clock, allow_http=True)
        self.keeper = KeepGrants(grants=grants, issuer=self.issuer, owner="keeper")
        self.books = HttpBooks(self.session, self.connections, self.tokens, clock, allow_http=True)

    @property
    def connection(self) -> Connection:
        return self.connections[ACME]

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self.registry, self.session, self.connection, allow_http=True)

    @property
    def app(self) -> OAuthApp:
        return OAuthApp(self.sandbox.client_id, SecretStr(self.sandbox.client_secret), REDIRECT)

    async def consented(self) -> str:
        """The address on which a person's browser ends after allowing the app."""
        consent = ask_consent(self.app, self.sandbox.url, os.urandom(16))
        async with self.session.get(consent.url, allow_redirects=False) as answer:
            return answer.headers["Location"]

    async def connect(
        self,
        address: str = "",
        app: OAuthApp | None = None,
        choose: Choose = the_only_one,
        *,
        other_account: bool = False,
    ) -> Connection:
        known = self.connections.get(ACME) or Connection(name=ACME)
        at = with_urls(known, Urls(self.sandbox.url, self.sandbox.url), allow_http=True)
        code = pasted(app or self.app, address or await self.consented())
        parts = (self.registry, self.session, at, app or self.app, code)
        return await joined(*parts, choose, other_account=other_account)

    async def write(self, *values: Value) -> None:
        """Stand in for Kafka: each value reaches who reads it."""
        for value in values:
            match value:
                case Sealed():
                    self.view.put(value)
                case Connection():
                    self.connections[value.name] = value
                case AuditEntry():
                    self.audit.append(value)
                case Event():
                    self.events.append(value)
                case RefreshAsked() | VerifierOffered():
                    task = asyncio.create_task(self.keep(value))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                case _:
                    raise TypeError(value)

    async def erase(self, topic: Topic, *keys: str) -> None:
        """Stand in for tombstones."""
        for key in keys:
            if topic is GRANTS:
                self.view.erase(key)
            else:
                self.connections.pop(key, None)

    async def keep(self, request: GrantRequest) -> None:
        """Let the keeper handle one request, as the worker's loop does."""
        answer = await self.keeper.ask(request)
        await self.write(*self.keeper(request, answer))

    async def open_door(self, request: web.Request) -> web.Response:
        """Take handshakes as the ingress does."""
        body = await request.read()
        self.handshakes.append(body)
        if self.deaf:
            return web.Response(status=503)
        form = parse(body)
        if form["name"] == "callback.verify":
            path = request.match_info["path"]
            offer = self.sealer.offer(ACME, path, int(form["object_id"]), form["verifier"])
            await self.write(offer)
        return web.Response()

    def verdicts(self) -> list[str]:
        return [each.verdict.value for each in self.audit]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def installed(**sandbox: Any) -> AsyncIterator[Installation]:
    """An installation whose FreshBooks is the sandbox; nothing is connected yet."""
    async with running_freshbooks(**sandbox) as running, open_session() as session:
        found = Installation(running, session)
        door = web.Application()
        door.router.add_post("/webhooks/freshbooks/{path}", found.open_door)
        async with listening(door) as url:
            found.url = url
            yield found
            await found.stop()


@asynccontextmanager
async def connected(**sandbox: Any) -> AsyncIterator[Installation]:
    """An installation with the connection `acme`."""
    async with installed(**sandbox) as found:
        await found.connect()
        yield found
