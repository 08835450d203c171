"""Seeded faults for both sandbox servers: the same seed and the same requests give the same faults.

Use: `web.Application(middlewares=[fault_middleware(plan, speak)])`, where `speak` words a refusal as
the vendor would. A plan can be replaced while the server runs (`plan.load`), and goes out and in as JSON.
Paths under `/_sandbox/` (the control API) are never disturbed.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Annotated, Self

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware
from pydantic import BaseModel, ConfigDict, Field, model_validator

CONTROL_PREFIX = "/_sandbox/"
LOOK_EVERY = 0.02

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FaultKind(StrEnum):
    """What goes wrong. `answer` needs a status; below `errors-in-200` no answer is the vendor's, or whole."""

    DELAY = "delay"
    ANSWER = "answer"
    """Refuse with `status` (401, 403, 404, 409, 429, 5xx) as the vendor words it, before any effect."""
    HTML = "html"
    """A web page with `status`, as a proxy in front of the vendor shows: a 200, too, to log in."""
    XML = "xml"
    """The same in XML."""
    ERRORS_IN_200 = "errors-in-200"
    """Status 200, but the body says it failed."""
    CUT = "cut"
    """The request takes effect; of its answer comes the first half, as if that were all."""
    EMPTY = "empty"
    """The request takes effect; its answer comes without a body."""
    RESET = "reset"
    """The connection breaks before anything took effect."""
    LOST_ANSWER = "lost-answer"
    """The request takes effect, then the connection breaks without an answer."""
    HANG = "hang"
    """Nothing comes for `seconds`, then the connection breaks."""


class Rule(BaseModel):
    """When one fault strikes. Without `probability`, `every` or `next` it strikes each matching request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FaultKind
    method: str = "*"
    """A method, or * for all."""
    path: str = "*"
    """A glob over the path: `*/invoices/invoices/*`."""
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    every: Annotated[int, Field(ge=1)] | None = None
    """Strike the 10th, 20th, ... matching request."""
    next: Annotated[int, Field(ge=0)] | None = None
    """Strike at most this many times, then rest."""
    skip: Annotated[int, Field(ge=0)] = 0
    """Let this many matching requests pass first."""
    status: Annotated[int, Field(ge=200, le=599)] = 503
    """Of a page or XML any; else 400 and above."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    """How long a delay or a hang lasts; for status 429 and 503 the Retry-After (0: no such header)."""
    code: str = ""
    """The vendor's own error code, where `status` alone does not say it (REQUEST_LIMIT_EXCEEDED)."""

    @model_validator(mode="after")
    def _hang_ends(self) -> Self:
        if self.kind in {FaultKind.DELAY, FaultKind.HANG} and not self.seconds:
            msg = f"a {self.kind.value} needs seconds"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _refuses(self) -> Self:
        if self.status < HTTPStatus.BAD_REQUEST and self.kind not in {FaultKind.HTML, FaultKind.XML}:
            msg = f"a {self.kind.value} with status {self.status} would be no fault"
            raise ValueError(msg)
        return self

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is of the kind that this rule is about."""
        return self.method in {"*", method} and fnmatchcase(path, self.path)


class Faults(BaseModel):
    """A plan as data: what the control endpoint takes and gives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 0
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What befalls one request: it waits for `delay` seconds, then `fault` strikes, if any."""

    delay: float = 0.0
    fault: Rule | None = None


class _Dice:
    """One rule with its count of what it saw and struck, and its own stream of chance."""

    def __init__(self, rule: Rule, seed: str) -> None:
        self.rule = rule
        self.seen = 0
        self.struck = 0
        self._random = random.Random(seed)  # noqa: S311 - chance for a rehearsal, not for a secret

    def strikes(self) -> bool:
        """Count one matching request and tell whether the rule strikes it."""
        self.seen += 1
        struck = self._falls(self.seen - self.rule.skip)
        self.struck += struck
        return struck

    def _falls(self, number: int) -> bool:
        if number <= 0 or (self.rule.next is not None and self.struck >= self.rule.next):
            return False
        if self.rule.every is not None and number % self.rule.every:
            return False
        return self.rule.probability is None or self._random.random() < self.rule.probability


class FaultPlan:
    """The faults in force and what they struck so far.

    Rules are asked in order: delays add up, and the first other rule that strikes ends the search,
    so that a later rule does not count a request which an earlier one took.
    """

    def __init__(self, faults: Faults | None = None) -> None:
        self.load(faults or Faults())

    def load(self, faults: Faults) -> None:
        """Put `faults` in force, with fresh counts; hanging requests are let go."""
        self.faults = faults
        self.struck: Counter[str] = Counter()
        self._dice = [_Dice(rule, f"{faults.seed}:{n}") for n, rule in enumerate(faults.rules)]

    def decide(self, method: str, path: str) -> Decision:
        """Return what befalls the next request; counts it."""
        delay = 0.0
        for dice in self._dice:
            if not (dice.rule.matches(method, path) and dice.strikes()):
                continue
            self.struck[dice.rule.kind.value] += 1
            if dice.rule.kind is not FaultKind.DELAY:
                return Decision(delay, dice.rule)
            delay += dice.rule.seconds
        return Decision(delay)


Speak = Callable[[web.Request, Rule], web.StreamResponse]
"""Words a refusal (`answer`, `errors-in-200`) the way the vendor does on that path."""


def fault_middleware(plan: FaultPlan, speak: Speak) -> Middleware:
    """Return the aiohttp middleware that lets `plan` strike a server's requests. Put it outermost."""

    @web.middleware
    async def disturb(request: web.Request, handler: Handle) -> web.StreamResponse:
        if request.path.startswith(CONTROL_PREFIX):
            return await handler(request)
        decision = plan.decide(request.method, request.path)
        if decision.delay:
            await request.read()  # a sender that leaves meanwhile does not take back what it sent
            await asyncio.sleep(decision.delay)
        if decision.fault is None:
            return await handler(request)
        return await _strike(decision.fault, request, handler, plan, speak)

    return disturb


async def _strike(
    rule: Rule, request: web.Request, handler: Handle, plan: FaultPlan, speak: Speak
) -> web.StreamResponse:
    match rule.kind:
        case FaultKind.HTML:
            return web_page(rule)
        case FaultKind.XML:
            return xml(rule)
        case FaultKind.CUT | FaultKind.EMPTY:
            return _shortened(await _answer(request, handler), halves=int(rule.kind is FaultKind.CUT))
        case FaultKind.LOST_ANSWER:
            with suppress(web.HTTPException):
                await handler(request)
        case FaultKind.HANG:
            await _hang(rule, request, plan)
        case FaultKind.RESET:
            pass
        case _:
            return speak(request, rule)
    return _break(request)


async def _hang(rule: Rule, request: web.Request, plan: FaultPlan) -> None:
    """Keep silent until the time is over, the client has left or the plan was replaced."""
    faults, looks = plan.faults, int(rule.seconds / LOOK_EVERY) + 1
    for _ in range(looks):
        if plan.faults is not faults or request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(LOOK_EVERY)


def _break(request: web.Request) -> web.StreamResponse:
    """Abort the connection; what is returned is never written, since its transport is gone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=HTTPStatus.BAD_GATEWAY)


def web_page(rule: Rule) -> web.Response:
    """Return the page that a proxy shows when the server behind it gives none."""
    phrase = phrase_of(rule.status)
    page = f"<html><head><title>{rule.status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
    return web.Response(status=rule.status, text=page, content_type="text/html", headers=retry_after(rule))


def xml(rule: Rule) -> web.Response:
    """Return an error in XML, as a gateway or an API that heard of no JSON words it."""
    why = f"<Errors><Error><message>{phrase_of(rule.status)}</message></Error></Errors>"
    said = f'<?xml version="1.0" encoding="UTF-8"?>{why}'
    return web.Response(
        status=rule.status, text=said, content_type="application/xml", headers=retry_after(rule)
    )


async def _answer(request: web.Request, handler: Handle) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refused:
        return refused


def _shortened(answer: web.StreamResponse, *, halves: int) -> web.Response:
    """Return so many halves of `answer`, under its own headers."""
    body = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    short = body[: halves * len(body) // 2]
    headers = answer.headers.copy()
    headers.popall(hdrs.CONTENT_LENGTH, None)
    return web.Response(status=answer.status, body=short, headers=headers)


def phrase_of(status: int) -> str:
    """Return what a status is called; Salesforce's edge also answers 420, which has no name."""
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


def retry_after(rule: Rule) -> dict[str, str]:
    """Return the Retry-After header that `rule` asks for, if any."""
    if rule.status not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE} or not rule.seconds:
        return {}
    return {"Retry-After": str(max(1, round(rule.seconds)))}
