"""Access tokens for those who call FreshBooks. They never renew one: they ask the one keeper, and wait."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple, Protocol

import structlog

from app.vault.access import Grants, Held
from app.vault.grants import FreshBooksGrant, Status
from streams.domain.errors import Misconfigured
from streams.domain.grant import RefreshAsked, Side
from streams.domain.identity import ConnectionName, digest
from streams.loop.contract import Clock

_log = structlog.get_logger(__name__)

REPEAT: Final = 20.0
"""Seconds after which an unanswered ask is repeated: its worker may have been replaced."""
AHEAD: Final = timedelta(minutes=2)
"""A token this close to its end is renewed before it is used."""

Ask = Callable[[RefreshAsked], Awaitable[object]]
"""Puts the ask into Kafka."""


class AccessToken(NamedTuple):
    """A token and the generation of the grant it came with."""

    secret: str
    generation: int

    def __repr__(self) -> str:
        return f"AccessToken(***, {self.generation})"


class Tokens(Protocol):
    """Who calls FreshBooks gets its tokens here."""

    async def freshbooks(self, connection: ConnectionName) -> AccessToken:
        """Return the token to use now; waits while the grant needs a person's consent.

        Raises:
            Misconfigured: the connection has no grant.
        """
        ...

    async def renew(self, connection: ConnectionName, generation: int) -> AccessToken:
        """Return a token newer than `generation`, which was refused or is about to end; waits for it."""
        ...


@dataclass(slots=True)
class KeptTokens:
    """Tokens from the grants that the keeper keeps."""

    grants: Grants
    ask: Ask
    clock: Clock
    repeat: float = REPEAT
    _turns: defaultdict[ConnectionName, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """One ask per connection at a time: whoever waits behind it finds the new token."""

    async def freshbooks(self, connection: ConnectionName) -> AccessToken:
        """Return the token to use now, renewed first when it is about to end."""
        held = self._held(connection)
        if held.grant.status is Status.OK and held.grant.expires_at - self.clock() > AHEAD:
            return _token(held)
        return await self.renew(connection, held.generation)

    async def renew(self, connection: ConnectionName, generation: int) -> AccessToken:
        """Return a token newer than `generation`: ask, wait, ask again."""
        async with self._turns[connection]:
            asked = 0
            while not _newer(held := self._held(connection), generation):
                if held.grant.status is Status.OK:
                    asked += 1
                    await self.ask(refresh_asked(connection, held.generation, asked))
                else:
                    _log.error("grant.needs_consent", connection=connection, generation=held.generation)
                await self._wait(connection, held.generation)
            return _token(held)

    async def _wait(self, connection: ConnectionName, generation: int) -> None:
        waited_until = asyncio.get_running_loop().time() + self.repeat
        while self._held(connection).generation <= generation:
            left = waited_until - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await self.grants.change(min(left, 1.0))

    def _held(self, connection: ConnectionName) -> Held[FreshBooksGrant]:
        held = self.grants.held(FreshBooksGrant, connection, Side.FRESHBOOKS)
        if held is None:
            message = f"{connection} is not connected to FreshBooks"
            raise Misconfigured(message, f"run `freshforce connect freshbooks {connection}`", "no-grant")
        return held


def _newer(held: Held[FreshBooksGrant], generation: int) -> bool:
    return held.generation > generation and held.grant.status is Status.OK


def _token(held: Held[FreshBooksGrant]) -> AccessToken:
    return AccessToken(held.grant.access_token.get_secret_value(), held.generation)


def refresh_asked(connection: ConnectionName, generation: int, attempt: int) -> RefreshAsked:
    """Return the ask to renew `generation`; the same attempt of whomever has the same id."""
    side = Side.FRESHBOOKS
    ask_id = digest("refresh-asked", connection, side.value, str(generation), str(attempt))
    return RefreshAsked(id=ask_id, connection=connection, side=side, generation=generation)
