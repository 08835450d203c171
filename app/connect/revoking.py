"""Tokens that nobody will use any more end at FreshBooks, before we forget them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiohttp import ClientSession
from pydantic import SecretStr

from app.freshbooks.door import Door
from app.freshbooks.oauth import OAuthApp, Tokens, revoke
from app.freshbooks.refused import API
from app.registry import Registry
from app.vault.grants import ConsentGrant, FreshBooksGrant, Unchosen
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Transient, Unreachable
from streams.domain.grant import Side

WAITED: Final = "tokens that waited for a choice of account"
LONGEST: Final = 10.0
"""Seconds that FreshBooks has for it: a person waits, who hears why nothing was connected only then."""
EACH: Final = 4.0
"""Seconds for one of both tokens: one that hangs leaves the other its time."""
BY_HAND: Final = "take back the app's access in FreshBooks (Settings, Apps)"


@dataclass(frozen=True, slots=True)
class Unjoined:
    """What a consent brought, until it is joined to the connection for which it was asked."""

    registry: Registry
    session: ClientSession
    connection: Connection
    """With the addresses at which the consent was asked for."""
    app: OAuthApp
    tokens: Tokens
    what: str = "tokens of a consent that came to nothing"

    @asynccontextmanager
    async def revoked_on(self, *ends: type[BaseException]) -> AsyncIterator[None]:
        """Revoke the tokens when one of `ends` comes out of what is done inside; its mend says so.

        What may pass later is no such end once the tokens are on their way into Kafka: they may stand there.
        """
        try:
            yield
        except ends as end:
            said = await self.forget()
            if isinstance(end, FreshforceError):
                end.mend = "; ".join(filter(None, (end.mend, said)))
            raise

    async def forget(self) -> str:
        """Revoke the tokens, and return what a person should know of it; nothing where they are in use.

        FreshBooks being away stops nobody: the audit says what is left.
        """
        try:
            async with asyncio.timeout(LONGEST):
                if await self._in_use():
                    return ""
                door = Door(self.session, self.connection.freshbooks_api_url)
                await end(door, self.app, self.tokens.refresh, self.tokens.access, longest=EACH)
        except TimeoutError:
            return await self._left(Unreachable(API, "time-out"))
        except FreshforceError as away:
            return await self._left(away)
        await self._note(Verdict.CONFIGURED, f"{self.what} were revoked")
        return f"{self.what} were revoked"

    async def _in_use(self) -> bool:
        """Tell whether they were joined all the same, by whomever.

        Raises:
            BadKeys, SealBroken: the grant cannot be opened here; it may hold them.
        """
        await self.registry.grants.newest(self.connection.name, Side.FRESHBOOKS)
        held = self.registry.grants.held(FreshBooksGrant, self.connection.name, Side.FRESHBOOKS)
        return held is not None and held.grant.given_at == self.tokens.given_at

    async def _left(self, why: FreshforceError) -> str:
        left = f"they end with the app's next consent, or {BY_HAND}"
        await self._note(Verdict.IGNORED, f"{self.what} could not be revoked: {why}; {left}")
        return f"{self.what} could not be revoked: {BY_HAND}"

    async def _note(self, verdict: Verdict, rule: str) -> None:
        with suppress(Transient):
            await self.registry.note(self.connection, verdict, rule)


async def revoke_unchosen(
    registry: Registry, session: ClientSession, connection: Connection, asked: ConsentGrant
) -> None:
    """End the tokens that `asked` keeps for a choice, if it does; who is away stops nothing."""
    if asked.unchosen is not None:
        at = connection.model_copy(update={"freshbooks_api_url": asked.api_url})
        await Unjoined(registry, session, at, _app(asked), tokens_of(asked.unchosen), WAITED).forget()


async def end_unchosen(session: ClientSession, asked: ConsentGrant) -> None:
    """End the tokens that `asked` keeps, if it does, at the server that gave them.

    Raises:
        FreshforceError: FreshBooks says no, or nothing.
    """
    if asked.unchosen is not None:
        kept = asked.unchosen
        await end(Door(session, asked.api_url), _app(asked), kept.refresh_token, kept.access_token)


async def end(door: Door, app: OAuthApp, *tokens: SecretStr, longest: float | None = None) -> None:
    """End tokens at the server that gave them, each in `longest` seconds, whatever becomes of the others.

    Raises:
        FreshforceError: FreshBooks says no, or nothing, to one at least; the first such answer.
    """
    refused = list[FreshforceError]()
    for token in tokens:
        try:
            async with asyncio.timeout(longest):
                await revoke(door, app, token)
        except TimeoutError:
            refused.append(Unreachable(API, "time-out"))
        except FreshforceError as no:
            refused.append(no)
    if refused:
        raise refused[0]


def tokens_of(kept: Unchosen) -> Tokens:
    """Return the tokens that were kept until a person has chosen."""
    given_at = kept.given_at or datetime.min.replace(tzinfo=UTC)
    return Tokens(kept.access_token, kept.refresh_token, kept.expires_at, kept.scopes, given_at)


def _app(asked: ConsentGrant) -> OAuthApp:
    return OAuthApp(asked.client_id, asked.client_secret, asked.redirect_uri)
