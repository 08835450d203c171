"""Reception: one request from its first byte to its answer.

200 is said only when Kafka has acknowledged what came; every doubt is another number.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final, Protocol, assert_never

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from app.freshbooks.form import BadForm, parse
from app.freshbooks.signature import HEADER
from app.ingress.answers import Answer, answer
from app.ingress.body import TooMuch, arrived, read, wrong_head
from app.ingress.callbacks import Callback, Directory
from app.ingress.clocks import Clocks
from app.ingress.consents import PATH as CONSENT
from app.ingress.consents import Consents, asked_by
from app.ingress.judge import Genuine, Ignored, Offered, Refused, judge
from app.ingress.letters import Delivery, event, ignored
from app.ingress.pages import Page
from app.ingress.rate import DELIVERIES, HANDSHAKES, Allowance, Buckets
from app.ingress.refusals import Refusals
from app.ingress.tally import Tally
from streams.domain.audit import Verdict
from streams.domain.grant import VerifierOffered
from streams.domain.identity import ConnectionName, digest
from streams.domain.message import Value

PREFIX: Final = "/webhooks/freshbooks/"
_NOWHERE: Final = frozenset({404, 405})
"""Statuses of a path that is nobody's, and of what is no delivery."""
RAW: Final = Refused(400, Verdict.REJECTED, "no form: characters that must be percent-encoded")
"""Forms hold none; as JSON they would be six times as long, and too long for Kafka."""


class Keep(Protocol):
    """Where values are kept."""

    def put(self, value: Value, /) -> "asyncio.Future[bool]":
        """Return a future that is True once `value` is kept for good."""
        ...


class Offers(Protocol):
    """The vault, as far as we need it."""

    def offer(
        self, connection: ConnectionName, path: str, callback_id: int, verifier: str, /
    ) -> VerifierOffered:
        """Return the verifier sealed, as a request to the grants' keeper to find out who offers it."""
        ...


@dataclass(slots=True)
class Reception:
    """Answers requests; all it knows of the world is in its ports."""

    callbacks: Directory
    keep: Keep
    offers: Offers
    clocks: Clocks
    tally: Tally
    patience: float = 5.0
    """Seconds for a body."""
    allowed: Allowance = DELIVERIES
    """What each callback may bring."""
    consents: Consents | None = None
    refusals: Refusals = field(default_factory=Refusals)
    _deliveries: Buckets = field(init=False)
    _handshakes: Buckets = field(default_factory=lambda: Buckets(HANDSHAKES))
    _count: int = 0

    def __post_init__(self) -> None:
        self._deliveries = Buckets(self.allowed)

    async def __call__(self, request: web.BaseRequest) -> Answer:
        """Return the answer; its status is the whole message."""
        callback = self._admit(request)
        if isinstance(callback, int):
            return await self._else(request, callback)
        body: bytes | int | None = arrived(request)
        if body is None:
            body = await self._wait(request)
        if isinstance(body, int):
            self.refusals.count(callback, f"a webhook whose body is too large or never came whole: {body}")
            return answer(request, body)
        outcome = self._weigh(callback, body, request.headers.get(HEADER))
        if isinstance(outcome, int):
            return answer(request, outcome)
        kept = await self.keep.put(outcome)
        self.tally.answered(outcome, kept=kept)
        return answer(request, 200 if kept else 503)

    def _admit(self, request: web.BaseRequest) -> Callback | int:
        if request.method != "POST":
            return 405
        path = request.raw_path
        callback = self.callbacks.get(path[len(PREFIX) :]) if path.startswith(PREFIX) else None
        if callback is None:
            return self._unknown()
        wrong = wrong_head(request)
        if wrong:
            self.tally.refused += 1
            self.refusals.count(callback, f"a webhook that is no form of a fitting size: {wrong}")
            return wrong
        if not self._deliveries.take(callback.path, self.clocks.steady()):
            self.tally.limited += 1
            self.refusals.count(callback, "more webhooks than a callback may bring")
            return 429
        return callback

    async def _else(self, request: web.BaseRequest, refused: int) -> Answer:
        """Return the page for a browser that FreshBooks leads back here; to all others, the refusal."""
        if self.consents is not None and request.method == "GET" and request.path == CONSENT:
            return self._said_of(request, await self.consents(request))
        brings = request.method == "POST"  # who brings nothing, as a health check, is no news
        if brings and refused in _NOWHERE:
            self.refusals.count(None, "a request to no address of ours")
        return answer(request, refused)

    def _said_of(self, request: web.BaseRequest, page: Page) -> Page:
        """Have what a consent came to stand in the audit, where it came to nothing."""
        self._count += 1
        moment = self.clocks.calendar().isoformat()
        cause = digest("consent", moment, str(self._count))
        entry = self.refusals.consent(page, asked_by(request.query), cause, self.clocks.steady())
        if entry is not None:
            self.remember(entry)
        return page

    def _unknown(self) -> int:
        """Refuse a path that is nobody's; while not all are known, ask the sender to come back."""
        if self.callbacks.complete:
            self.tally.refused += 1
            return 404
        self.tally.unkept += 1
        return 503

    async def _wait(self, request: web.BaseRequest) -> bytes | int:
        try:
            return await read(request, self.patience)
        except TimeoutError:
            self.tally.too_slow += 1
            return 408
        except TooMuch:
            self.tally.refused += 1
            return 413
        except (RequestPayloadError, HttpProcessingError, ConnectionError):  # the last: it left half way
            self.tally.unparsable += 1
            return 400

    def _weigh(self, callback: Callback, body: bytes, signature: str | None) -> Value | int:
        """Return what must be kept before 200 may be said, or the status of a refusal."""
        self._count += 1
        moment = self.clocks.calendar()
        try:
            form = parse(body)
        except BadForm as bad:
            delivery = Delivery(callback, "", "", moment, self._count)
            return self._refuse(delivery, Refused(400, Verdict.REJECTED, f"no form: {bad.code}"))
        text = body.decode()
        delivery = Delivery(callback, text, signature or "", moment, self._count)
        if not text.isprintable():
            return self._refuse(delivery, RAW)
        judgement = judge(callback, form, signature, moment)
        match judgement:
            case Genuine():
                return event(delivery, judgement)
            case Ignored():
                return ignored(delivery, judgement, form.get("name", ""))
            case Offered():
                return self._offer(callback, judgement)
            case Refused():
                return self._refuse(delivery, judgement)
            case never:
                assert_never(never)

    def _offer(self, callback: Callback, offered: Offered) -> VerifierOffered | int:
        if not self._handshakes.take(callback.path, self.clocks.steady()):
            self.tally.limited += 1
            self.refusals.count(callback, "more handshakes than a callback may bring")
            return 429
        return self.offers.offer(callback.connection, callback.path, offered.callback_id, offered.verifier)

    def _refuse(self, delivery: Delivery, refused: Refused) -> int:
        self.tally.refused += 1
        entry = self.refusals.said(delivery.callback, refused, delivery.id(), self.clocks.steady())
        if entry is not None:
            self.remember(entry)
        return refused.status

    def say_unsaid(self) -> None:
        """Sum up in the audit what was refused without an entry of its own."""
        for entry in self.refusals.summed_up(self.clocks.calendar().isoformat()):
            self.remember(entry)

    def remember(self, entry: Value) -> None:
        """Keep an audit entry without waiting: a refusal is not worth the sender's time, or ours."""
        self.keep.put(entry).add_done_callback(self._remembered)

    def _remembered(self, kept: "asyncio.Future[bool]") -> None:
        if kept.cancelled() or not kept.result():
            self.tally.audit_lost += 1
