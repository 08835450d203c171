"""Is an offered verifier FreshBooks' own? Only FreshBooks' API can say: anybody may post to a path."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog
from pydantic import SecretStr

from app.freshbooks.callbacks import Callbacks, Registered
from app.freshbooks.door import Door
from app.vault.access import Grants, Held
from app.vault.elsewhere import GivenElsewhere, refuse_elsewhere
from app.vault.grants import Callback, FreshBooksGrant, Status, WebhooksGrant
from app.vault.tokens import refresh_asked
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Transient, Unauthorized
from streams.domain.grant import Sealed, Side, VerifierOffered
from streams.domain.identity import ConnectionName
from streams.loop.contract import Clock
from streams.ports_grants import Changed, Kept, Postponed, Renewal

_log = structlog.get_logger(__name__)

GRACE: Final = timedelta(hours=24)
"""How long the verifier before still counts: webhooks that FreshBooks signed with it may be on their way."""
LOOKS: Final = 4
"""Looks for a callback that is being registered: its handshake may overtake it."""
PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Handshake:
    """Confirms verifiers of one connection with FreshBooks' API."""

    grants: Grants
    settings: Connection
    door: Door
    clock: Clock
    renewed: dict[ConnectionName, int] = field(default_factory=dict)
    """The generation of each token that was renewed because of a handshake; outlives this one."""
    pause: float = PAUSE

    async def confirm(self, current: Sealed, offered: VerifierOffered) -> Renewal:
        """Return the callbacks with the verifier in force, or why not."""
        kept = self.grants.sealer.open(WebhooksGrant, current)
        verifier = self.grants.sealer.offered(offered)
        callback = kept.at(offered.path)
        if callback is None:
            return Kept(Verdict.SECURITY, "a handshake for a path that we do not have")
        idle = _idle(callback, offered, verifier)
        if idle is not None:
            return idle
        held = self.grants.held(FreshBooksGrant, self.settings.name, Side.FRESHBOOKS)
        if held is None or held.grant.status is Status.NEEDS_CONSENT:
            return Kept(Verdict.REJECTED, "no token to ask FreshBooks with; connect, then verify webhooks")
        if self.settings.freshbooks_account_id is None:
            return Kept(Verdict.REJECTED, "the connection has no FreshBooks account")
        try:
            refuse_elsewhere(
                self.settings.name, Side.FRESHBOOKS, held.grant.address, self.settings.freshbooks_api_url
            )
        except GivenElsewhere as elsewhere:
            return Kept(Verdict.REJECTED, str(elsewhere))
        refused = await self._ask(held, callback, offered, verifier)
        return refused or self._changed(current, kept, callback, offered, verifier)

    async def _ask(
        self, held: Held[FreshBooksGrant], callback: Callback, offered: VerifierOffered, verifier: SecretStr
    ) -> Renewal | None:
        """Return why the verifier is not taken, None when FreshBooks confirms it."""
        account = self.settings.freshbooks_account_id
        assert account is not None
        callbacks = Callbacks(self.door, account, held.grant.access_token.get_secret_value())
        try:
            said = await self._refused(callbacks, callback, offered.callback_id, verifier)
        except Unauthorized:
            return await self._renewed_first(held)
        except Transient as trouble:
            _log.warning(
                "handshake.waits", connection=self.settings.name, code=trouble.code, why=str(trouble)
            )
            await asyncio.sleep(self.pause)
            return Postponed()
        except FreshforceError as refused:
            return Kept(Verdict.SECURITY, f"FreshBooks does not confirm the verifier: {refused}")
        self.renewed.pop(self.settings.name, None)
        return said

    async def _renewed_first(self, held: Held[FreshBooksGrant]) -> Renewal:
        """Have the token renewed and come again; should that not help, come no more."""
        name = self.settings.name
        if self.renewed.get(name) == held.generation - 1:
            del self.renewed[name]
            return Kept(Verdict.REJECTED, "FreshBooks refuses a token that it has just given; verify later")
        self.renewed[name] = held.generation
        await asyncio.sleep(self.pause)
        return Postponed(refresh_asked(name, held.generation, 1))

    async def _refused(
        self, callbacks: Callbacks, ours: Callback, callback_id: int, verifier: SecretStr
    ) -> Kept | None:
        theirs = await self._found(callbacks, callback_id)
        if theirs is None or theirs.uri.rstrip("/") != ours.uri.rstrip("/") or theirs.event != ours.event:
            return Kept(Verdict.SECURITY, "a handshake for a callback that FreshBooks does not have so")
        if theirs.verified and ours.verified:
            return Kept(Verdict.SECURITY, "another verifier for a verified callback: the old one is kept")
        answer = await callbacks.verify(callback_id, verifier.get_secret_value())
        return None if answer.verified else Kept(Verdict.SECURITY, "FreshBooks does not confirm the verifier")

    async def _found(self, callbacks: Callbacks, callback_id: int) -> Registered | None:
        for look in range(LOOKS):
            found = await callbacks.get(callback_id)
            if found is not None or look == LOOKS - 1:
                return found
            await asyncio.sleep(self.pause / 2)
        return None

    def _changed(
        self,
        current: Sealed,
        kept: WebhooksGrant,
        callback: Callback,
        offered: VerifierOffered,
        verifier: SecretStr,
    ) -> Changed:
        now = self.clock()
        after = kept.with_(_in_force(callback, offered.callback_id, verifier, now))
        sealed = self.grants.sealer.seal(after, current.connection, current.generation + 1, now)
        return Changed(sealed, Verdict.HANDSHAKE, f"FreshBooks confirms the verifier of {callback.event}")


def _in_force(callback: Callback, callback_id: int, verifier: SecretStr, now: datetime) -> Callback:
    """Return the callback with `verifier`; the one before it counts for a while."""
    update: dict[str, object] = {"callback_id": callback_id, "verifier": verifier, "verified": True}
    if callback.verifier is not None and not _same(callback.verifier, verifier):
        update |= {"previous": callback.verifier, "previous_until": now + GRACE}
    return callback.model_copy(update=update)


def _idle(callback: Callback, offered: VerifierOffered, verifier: SecretStr) -> Kept | None:
    """Return why FreshBooks need not be asked at all."""
    if callback.callback_id not in (None, offered.callback_id):
        return Kept(Verdict.SECURITY, "a handshake with another callback's number")
    if callback.verified and _same(callback.verifier, verifier):
        return Kept(Verdict.IGNORED, "a repeated handshake: the verifier is in force already")
    return None


def _same(known: SecretStr | None, offered: SecretStr) -> bool:
    mine = "" if known is None else known.get_secret_value()
    return compare_digest(mine.encode(), offered.get_secret_value().encode())
