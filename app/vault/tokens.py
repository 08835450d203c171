"""Access tokens for those who call FreshBooks. They never renew one: they ask the one keeper, and wait."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple, Protocol

import structlog

from app.vault.access import Grants, Held
from app.vault.elsewhere import refuse_elsewhere
from app.vault.grants import FreshBooksGrant, Status
from streams.domain.errors import Misconfigured, Transient
from streams.domain.grant import RefreshAsked, Side
from streams.domain.identity import ConnectionName, digest
from streams.loop.contract import Clock

_log = structlog.get_logger(__name__)

REPEAT: Final = 20.0
"""Seconds after which an unanswered ask is repeated: its worker may have been replaced."""
AHEAD: Final = timedelta(minutes=2)
"""A token this close to its end is renewed before it is used."""
EARLY: Final = timedelta(minutes=58)
"""Before that each connection has a moment of its own at which it asks, and nobody waits for the answer:
were it the same for all, a thousand connections made on one morning would ask at the same second for ever."""
SHARE: Final = 4
"""A token that lives shortly is renewed in the last quarter of its life."""

Ask = Callable[[RefreshAsked], Awaitable[object]]
"""Puts the ask into Kafka."""


class AccessToken(NamedTuple):
    """A token and the generation of the grant it came with."""

    secret: str
    generation: int
    address: str = ""
    """The API that it was given for; empty where nobody wrote it down."""

    def at(self, connection: ConnectionName, address: str) -> str:
        """Return the secret, for a call at `address`.

        Raises:
            GivenElsewhere: it was given for another API.
        """
        refuse_elsewhere(connection, Side.FRESHBOOKS, self.address, address)
        return self.secret

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

    async def needs_consent(self, connection: ConnectionName) -> None:
        """Return once only a person's consent helps: for whoever would rather say so than wait."""
        ...


@dataclass(slots=True)
class KeptTokens:
    """Tokens from the grants that the keeper keeps."""

    grants: Grants
    ask: Ask
    clock: Clock
    repeat: float = REPEAT
    _early: dict[ConnectionName, int] = field(default_factory=dict)
    """The generation for which we asked ahead of time."""
    _needy: dict[ConnectionName, int] = field(default_factory=dict)
    """The generation of which we said that it needs consent."""
    _tasks: set["asyncio.Task[object]"] = field(default_factory=set)
    _turns: defaultdict[ConnectionName, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    """One ask per connection at a time: whoever waits behind it finds the new token."""

    async def freshbooks(self, connection: ConnectionName) -> AccessToken:
        """Return the token to use now, renewed first when it is about to end."""
        held = self._held(connection)
        left = held.grant.expires_at - self.clock()
        if held.grant.status is not Status.OK or left <= _within(held.grant, AHEAD):
            return await self.renew(connection, held.generation)
        if left <= _within(held.grant, AHEAD + moment(connection, held.generation) * EARLY):
            self._ask_ahead(connection, held.generation)
        return _token(held)

    async def renew(self, connection: ConnectionName, generation: int) -> AccessToken:
        """Return a token newer than `generation`: ask, wait, ask again."""
        async with self._turns[connection]:
            asked = 0
            while not _newer(held := self._held(connection), generation):
                if held.grant.status is Status.OK:
                    asked += 1
                    await self.ask(refresh_asked(connection, held.generation, asked))
                else:
                    self._say_needy(connection, held.generation)
                await self._wait(connection, held.generation)
            return _token(held)

    async def needs_consent(self, connection: ConnectionName) -> None:
        """Return once FreshBooks renews the grant no more."""
        while self._held(connection).grant.status is Status.OK:
            await self.grants.change()

    def _ask_ahead(self, connection: ConnectionName, generation: int) -> None:
        """Ask once, and wait for nothing: the token at hand is good for a while."""
        if self._early.get(connection) == generation:
            return
        self._early[connection] = generation
        asking = asyncio.ensure_future(self._asked(refresh_asked(connection, generation, 0)))
        self._tasks.add(asking)
        asking.add_done_callback(self._tasks.discard)

    async def _asked(self, request: RefreshAsked) -> None:
        try:
            await self.ask(request)
        except Transient as away:
            _log.info("grant.not_asked_ahead", connection=request.connection, code=away.code)

    def _say_needy(self, connection: ConnectionName, generation: int) -> None:
        """Raise the alert once per generation, however long the owner takes."""
        if self._needy.get(connection) != generation:
            self._needy[connection] = generation
            mend = f"run `freshforce connect freshbooks {connection} …`; waiting events go on by themselves"
            _log.error("grant.needs_consent", connection=connection, generation=generation, mend=mend)

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


def moment(connection: ConnectionName, generation: int) -> float:
    """Return a number from 0 to 1, as good as by chance, and the same in every process."""
    return int(digest("moment", connection, str(generation))[:8], 16) / 2**32


def _within(grant: FreshBooksGrant, ahead: timedelta) -> timedelta:
    return ahead if grant.lives is None else min(ahead, grant.lives / SHARE)


def _newer(held: Held[FreshBooksGrant], generation: int) -> bool:
    return held.generation > generation and held.grant.status is Status.OK


def _token(held: Held[FreshBooksGrant]) -> AccessToken:
    grant = held.grant
    return AccessToken(grant.access_token.get_secret_value(), held.generation, grant.address)


def refresh_asked(connection: ConnectionName, generation: int, attempt: int) -> RefreshAsked:
    """Return the ask to renew `generation`; the same attempt of whomever has the same id."""
    side = Side.FRESHBOOKS
    ask_id = digest("refresh-asked", connection, side.value, str(generation), str(attempt))
    return RefreshAsked(id=ask_id, connection=connection, side=side, generation=generation)
