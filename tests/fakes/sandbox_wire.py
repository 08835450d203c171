"""The Salesforce sandbox without sockets, for virtual time; it refuses, loses and fails by chance."""

from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from app.salesforce.wire.wire import API, Reply, Request
from app.sandbox.salesforce.actor import Actor
from app.sandbox.salesforce.api.exchange import Answer, Ask, refused
from app.sandbox.salesforce.api.routes import answer
from app.sandbox.salesforce.auth import App, token
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Refusal
from app.sandbox.salesforce.writer import Writer
from streams.domain.errors import Unreachable
from tests.builders.salesforce import a_failed_row, a_reply, an_error
from tests.fakes.spoilt import PAGE, WAYS, garbled, muddled
from tests.simulation.chance import Chance

HOME = "https://acme.my.salesforce.com"
ROOT = "/services/data/"
REFUSALS: Final = {
    "down": a_reply(503, page="<html>down for maintenance</html>"),
    "locked": a_reply(400, an_error("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")),
    "used up": a_reply(403, an_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")),
    "logged out": a_reply(401, an_error("INVALID_SESSION_ID", "Session expired or invalid")),
}
"""What a whole request is refused with, before any effect."""
STRANGERS: Final = {
    "a page in its place": a_reply(200, page=PAGE),
    "a page that refuses": a_reply(400, page=PAGE),
    "XML": a_reply(500, page="<?xml version='1.0'?><Errors><Error/></Errors>"),
}
"""What others say in its place."""
UNREACHABLE, LOST, LOCKED_ROW, RULE = "unreachable", "lost answer", "locked row", "validation rule"
KINDS: Final = {*REFUSALS, *STRANGERS, UNREACHABLE, LOST, *WAYS, LOCKED_ROW, RULE}
"""All that can go wrong."""


@dataclass
class SandboxWire:
    """A way to one simulated org. `trouble` is how often it refuses, fails or is lost, zero for never."""

    org: Org
    app: App
    chance: Chance
    trouble: float = 0.0
    spoils: float = 0.0
    """How often an answer is no such: half of these in place of the effect, half though it took effect."""
    calls: Counter[str] = field(default_factory=Counter)
    """Requests that reached the org, by what they asked."""
    struck: Counter[str] = field(default_factory=Counter)
    """What went wrong, by kind."""

    async def __call__(self, request: Request) -> Reply:
        """Answer as the org does, or not at all."""
        await self.chance.a_while(0.5)
        if whole := self._refused(request):
            return whole
        reply = self._answered(request)
        if self._strikes(LOST):
            raise Unreachable(API, "reset")
        reply = self._spoilt(reply)
        await self.chance.a_while(0.5)
        return reply

    def _refused(self, request: Request) -> Reply | None:
        """Return a refusal of the whole request, before any effect."""
        if "/oauth2/" in request.url:
            return None
        if self.chance.happens(self.spoils / 2):
            return STRANGERS[self._one_of(*STRANGERS)]
        if not self.chance.happens(self.trouble):
            return None
        kind = self._one_of(UNREACHABLE, *REFUSALS)
        if kind == UNREACHABLE:
            raise Unreachable(API, "timed out")
        if REFUSALS[kind].status == HTTPStatus.UNAUTHORIZED:
            self.org.sessions.revoke(request.headers["Authorization"].removeprefix("Bearer "))
        return REFUSALS[kind]

    def _spoilt(self, reply: Reply) -> Reply:
        """Return what comes in the place of an answer, after the effect: most often the answer."""
        if not self.chance.happens(self.spoils / 2):
            return reply
        results = muddled(reply) if self.chance.happens(0.5) else {}  # few answers have any to muddle
        ways = results or garbled(reply)
        return ways[self._one_of(*ways)]

    def _one_of(self, *kinds: str) -> str:
        kind = self.chance.choice(kinds)
        self.struck[kind] += 1
        return kind

    def _answered(self, request: Request) -> Reply:
        parts = urlsplit(request.url)
        if parts.path.endswith("/oauth2/token"):
            form = dict(parse_qsl((request.body or b"").decode()))
            status, said = token(self.org, self.app, form, request.headers.get("Authorization", ""), HOME)
            self.calls["token"] += 1
            return a_reply(status, said)
        version, *path = parts.path.removeprefix(ROOT).rstrip("/").split("/")
        self.calls["/".join(path[:2])] += 1
        if "composite" in path and request.method == "PATCH":
            return self._upserted(request, version, path)
        return _reply(self._ask(request, version, path, request.body or b""))

    def _upserted(self, request: Request, version: str, path: list[str]) -> Reply:
        """Let some rows fail by themselves, as triggers and locks do; the others are written."""
        told = orjson.loads(request.body or b"{}")
        failures = [self._row_failure() for _ in told["records"]]
        passing = [row for row, failed in zip(told["records"], failures, strict=True) if failed is None]
        if len(passing) == len(failures) or not passing:
            return _reply(self._ask(request, version, path, request.body or b""))
        found = self._ask(request, version, path, orjson.dumps(told | {"records": passing}))
        if found.status != HTTPStatus.OK:
            return _reply(found)
        results = iter(found.body)
        return a_reply(200, [failed or next(results) for failed in failures])

    def _row_failure(self) -> dict[str, Any] | None:
        if self._strikes(LOCKED_ROW):
            return a_failed_row("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if self._strikes(RULE):
            return a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not on a Friday.")
        return None

    def _strikes(self, kind: str) -> bool:
        happens = self.chance.happens(self.trouble)
        self.struck[kind] += happens
        return happens

    def _ask(self, request: Request, version: str, path: list[str], raw: bytes) -> Answer:
        try:
            session = self.org.sessions.use(request.headers.get("Authorization", ""))
        except Refusal as refusal:
            return refused(refusal, "refused at the door")
        writer = Writer(self.org, Actor(session.user_id, through_api=True))
        query = dict(parse_qsl(urlsplit(request.url).query))
        place = tuple(map(unquote, path))
        return answer(self.org, Ask(request.method, version, place, query, request.headers, writer, raw))


def _reply(found: Answer) -> Reply:
    return a_reply(found.status, found.body)
