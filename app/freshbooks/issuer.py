"""What the keeper of the grants asks of FreshBooks: new tokens, or whether a verifier is genuine."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import stamina
from aiohttp import ClientSession

from app.freshbooks import oauth
from app.freshbooks.door import Door, checked
from app.freshbooks.handshake import Handshake
from app.freshbooks.refused import API, ConsentNeeded, Unreadable
from app.vault.access import Grants
from app.vault.elsewhere import refuse_elsewhere
from app.vault.grants import FreshBooksGrant, Status
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Unreachable
from streams.domain.grant import Sealed, Side, VerifierOffered
from streams.domain.identity import ConnectionName, digest
from streams.loop.contract import Clock
from streams.ports import Settings
from streams.ports_grants import Changed, Kept, Renewal

TRIES: Final = 4
"""An answer that got lost may mean a spent token; only trying the old one again can tell (facts, F25)."""

LONGEST: Final = 20.0
"""Seconds that a trade may take, all tries together: after that another keeper may try the same token
(streams.steps.keep_grants.SETTLE)."""


@dataclass(frozen=True, slots=True)
class HttpIssuer:
    """The port `Issuer` over FreshBooks' OAuth and callbacks API."""

    session: ClientSession
    settings: Settings
    grants: Grants
    clock: Clock
    allow_http: bool = False
    longest: float = LONGEST
    _renewed: dict[ConnectionName, int] = field(default_factory=dict)

    def spends(self, current: Sealed) -> str | Kept:
        """Return the digest of the refresh token that `refresh` would spend, or why there is none."""
        if current.side is not Side.FRESHBOOKS:
            return Kept(Verdict.IGNORED, f"a {current.side.value} grant has no token to renew")
        grant = self._opened(current)
        if grant.status is Status.NEEDS_CONSENT:
            return Kept(Verdict.NEEDS_CONSENT, "the grant waits for its owner's consent", trouble=True)
        known = self._known(current)
        if known is not None and known.removed:
            return _REMOVED
        return digest("refresh-token", grant.refresh_token.get_secret_value())

    async def refresh(self, current: Sealed) -> Renewal:
        """Return the grant's next generation: new tokens, or the mark that a person must consent again."""
        grant = self._opened(current)
        try:
            async with asyncio.timeout(self.longest):
                fresh = await self._refreshed(current, grant)
        except TimeoutError:
            return _later(Unreachable(API, "time-out"))
        except (ConsentNeeded, Unreadable) as spent:
            return self._spent(current, grant, spent)
        except Misconfigured as wrong:
            return self._spent(current, grant, wrong) if wrong.code == "bad-client" else _later(wrong)
        except FreshforceError as trouble:
            return _later(trouble)
        return self._changed(current, fresh, Verdict.REFRESHED, "FreshBooks gave new tokens")

    def _known(self, current: Sealed) -> Connection | None:
        try:
            return self.settings[current.connection]
        except KeyError:
            return None

    async def confirm(self, current: Sealed, offered: VerifierOffered) -> Renewal:
        """Return the callbacks with the verifier in force, when FreshBooks says that it is its own."""
        settings = self._connection(current)
        if settings.removed:
            return _REMOVED
        handshake = Handshake(self.grants, settings, self._door(settings), self.clock, self._renewed)
        return await handshake.confirm(current, offered)

    def _opened(self, current: Sealed) -> FreshBooksGrant:
        return self.grants.sealer.open(FreshBooksGrant, current)

    def _connection(self, current: Sealed) -> Connection:
        found = self._known(current)
        if found is None:
            message = f"there is no connection {current.connection}"
            raise Misconfigured(message, "see `freshforce connections list`", "no-connection")
        return found

    def _door(self, settings: Connection) -> Door:
        return Door(self.session, checked(settings.freshbooks_api_url, allow_http=self.allow_http))

    async def _refreshed(self, current: Sealed, grant: FreshBooksGrant) -> FreshBooksGrant:
        settings = self._connection(current)
        address, door = settings.freshbooks_api_url, self._door(settings)
        refuse_elsewhere(current.connection, current.side, grant.address, address)
        app = oauth.OAuthApp(grant.client_id, grant.client_secret, grant.redirect_uri)
        async for attempt in stamina.retry_context(on=Unreachable, attempts=TRIES, timeout=self.longest):
            with attempt:
                tokens = await oauth.refresh(door, app, grant.refresh_token, self.clock())
        return grant.model_copy(
            update={
                "access_token": tokens.access,
                "refresh_token": tokens.refresh,
                "expires_at": tokens.expires_at,
                "lives": tokens.expires_at - self.clock(),
                "address": address,
            }
        )

    def _spent(self, current: Sealed, grant: FreshBooksGrant, why: FreshforceError) -> Changed:
        marked = grant.model_copy(update={"status": Status.NEEDS_CONSENT})
        return self._changed(current, marked, Verdict.NEEDS_CONSENT, str(why))

    def _changed(self, current: Sealed, grant: FreshBooksGrant, verdict: Verdict, rule: str) -> Changed:
        generation = current.generation + 1
        sealed = self.grants.sealer.seal(grant, current.connection, generation, self.clock())
        return Changed(sealed, verdict, rule)


_REMOVED: Final = Kept(Verdict.IGNORED, "the connection was removed")


def _later(trouble: FreshforceError) -> Kept:
    """Leave the grant as it is: who needs the token asks again."""
    return Kept(Verdict.IGNORED, f"not renewed, to be asked again: {trouble}", trouble=True)
