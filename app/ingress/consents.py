"""FreshBooks leads the owner's browser here after the consent; the code is kept, sealed, for whoever asked.

The public door trades no codes: it has no way out to FreshBooks, and which account is meant may be a
question to a person. Who asked (a command, the wizard) follows the grants and goes on by itself.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hmac import compare_digest
from typing import Final, Protocol

from aiohttp import web
from pydantic import SecretStr

from app.freshbooks.state import is_marked
from app.ingress.clocks import Clocks
from app.ingress.pages import CAME, DENIED, LATE, MANY, NOT_YET, OVER, UNKNOWN, Page
from app.ingress.rate import CONSENTS, Buckets
from app.vault.access import Grants, Held
from app.vault.grants import ConsentGrant, FreshBooksGrant
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName
from streams.domain.message import Value

PATH: Final = "/oauth/freshbooks/callback"
OPEN_FOR: Final = timedelta(hours=1)
"""So long may a person take between the question and the answer."""
PATIENCE: Final = 5.0
"""Seconds for Kafka to tell all questions, while the browser waits."""
LONGEST: Final = 512
"""Characters of a code; FreshBooks' has 64."""


class Keep(Protocol):
    """Where values are kept."""

    def put(self, value: Value, /) -> "asyncio.Future[bool]":
        """Return a future that is True once `value` is kept for good."""
        ...


@dataclass(slots=True)
class Consents:
    """Answers the owner's browser."""

    keep: Keep
    clocks: Clocks
    grants: Grants | None = None
    """None until all grants are known: before that, no question can be told from a strange one."""
    _buckets: Buckets = field(default_factory=lambda: Buckets(CONSENTS))

    async def __call__(self, request: web.BaseRequest) -> Page:
        """Return the page that says what has come of it, and what is next."""
        if not self._buckets.take("", self.clocks.steady()):
            return MANY
        name, now = asked_by(request.query), self.clocks.calendar()
        if self.grants is None or not await _settled(self.grants, name, request.query):
            return NOT_YET
        held = _asked(self.grants, name, request.query)
        if held is None:
            return OVER if _was_asked(self.grants, name, request.query) else UNKNOWN
        if now - held.grant.asked_at >= OPEN_FOR:
            return LATE
        if not held.grant.answered:
            return await self._keep(self.grants, name, held, request.query)
        return DENIED if held.grant.denied else CAME

    async def _keep(
        self, grants: Grants, name: ConnectionName, held: Held[ConsentGrant], query: Mapping[str, str]
    ) -> Page:
        after = answered(held.grant, query)
        sealed = grants.sealer.seal(after, name, held.generation + 1, self.clocks.calendar())
        asked = grants.sealed(name, Side.CONSENT)
        follows = "" if asked is None else asked.mark
        if not await self.keep.put(sealed.model_copy(update={"follows": follows})):
            return NOT_YET
        return DENIED if after.denied else CAME


def _asked(grants: Grants, name: ConnectionName, query: Mapping[str, str]) -> Held[ConsentGrant] | None:
    """Return the question that `query` answers, as far as it is known here."""
    held = grants.held(ConsentGrant, name, Side.CONSENT)
    return held if held is not None and is_answer(held.grant, query) else None


def _was_asked(grants: Grants, name: ConnectionName, query: Mapping[str, str]) -> bool:
    """Tell whether `query` answers a question of ours that is over: the page was loaded again."""
    whole, state = is_whole(query), query.get("state", "")
    books = grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)
    asked = grants.held(ConsentGrant, name, Side.CONSENT)
    apps = [held.grant.client_secret for held in (books, asked) if held is not None]
    return whole and any(is_marked(secret, state) for secret in apps)


async def _settled(grants: Grants, name: ConnectionName, query: Mapping[str, str]) -> bool:
    """Read on where no question fits: it may be younger than what we know; False if Kafka is silent."""
    if _asked(grants, name, query) is not None:
        return True
    try:
        async with asyncio.timeout(PATIENCE):
            await grants.view.caught_up()
    except TimeoutError:
        return False
    return True


def asked_by(query: Mapping[str, str]) -> ConnectionName:
    """Return the connection for which the consent was asked, as the state claims it."""
    return ConnectionName(query.get("state", "").partition(".")[0])


def is_answer(asked: ConsentGrant, query: Mapping[str, str]) -> bool:
    """Tell whether a browser's `query` answers what was asked: with its very state, and whole."""
    state = asked.state.get_secret_value().encode()
    same = compare_digest(state, query.get("state", "").encode("utf-8", "replace"))
    return same and is_whole(query)


def is_whole(query: Mapping[str, str]) -> bool:
    """Tell whether a browser's `query` holds a yes with what may be a code, or a no."""
    code = query.get("code", "")
    return "error" in query or (0 < len(code) <= LONGEST and code.isascii() and code.isprintable())


def answered(asked: ConsentGrant, query: Mapping[str, str]) -> ConsentGrant:
    """Return the question with its answer."""
    if "error" in query:
        return asked.model_copy(update={"denied": True})
    return asked.model_copy(update={"code": SecretStr(query["code"])})
