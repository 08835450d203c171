"""Remove a connection: what it may do at the vendors ends, its secrets go, the log stays.

A vendor who is away stops nothing: what could not be done there is said, with what to do by hand.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Final, TypeVar

from aiohttp import ClientSession

from app.connect.revoking import end, end_unchosen
from app.connect.webhooks import Webhooks
from app.freshbooks.door import Door, checked
from app.freshbooks.oauth import OAuthApp
from app.registry import Registry, RemovedMeanwhile
from app.salesforce.checkup import Finding
from app.vault.grants import ConsentGrant, FreshBooksGrant, WebhooksGrant
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.domain.grant import Side, grant_key
from streams.steps.keep_grants import SETTLE
from streams.topics import GRANTS

G = TypeVar("G", ConsentGrant, FreshBooksGrant, WebhooksGrant)

LOOKS: Final = 3
"""How often a grant is looked for after it was deleted: a renewal that was under way may bring it back."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The end of one connection."""

    registry: Registry
    session: ClientSession
    connection: Connection
    allow_http: bool = False

    def planned(self) -> list[Finding]:
        """Return what `carry_out` would do, from what is kept here; nobody is asked."""
        callbacks = self._kept(WebhooksGrant, Side.WEBHOOKS)
        count = 0 if callbacks is None else len(callbacks.callbacks)
        return [
            Finding("FreshBooks webhooks", well=True, says=f"would delete {count} callbacks"),
            Finding("FreshBooks access", well=True, says="would revoke its tokens"),
            Finding("Salesforce access", well=True, says="workers would end their sessions"),
            Finding("grants", well=True, says=f"would delete {self._sides() or 'none'}"),
            Finding("log", well=True, says="stays: records, audit entries and rows in Salesforce"),
        ]

    async def carry_out(self) -> AsyncIterator[Finding]:
        """Do it, and yield what was done and what is left to do by hand; may be repeated.

        Callbacks go first, as that needs a token. Then the connection is marked, so that no worker renews
        or writes any more, and only then callbacks that came in between go, tokens and grants. Whoever
        connects it at that very moment may write over the mark: then all from there on is done, and told,
        once more.

        Raises:
            RemovedMeanwhile: somebody else did it, and took the name anew.
        """
        await self._as_it_is()
        by_hand = self._by_hand("delete its callbacks")
        yield (deleted := await self._try("FreshBooks webhooks", self._callbacks(), by_hand))
        while True:
            await self._mark()
            if deleted.well and await self._registered_since():
                yield await self._try("FreshBooks webhooks", self._callbacks(), by_hand)
            access = self._by_hand("revoke the app's access")
            yield await self._try("FreshBooks access", self._revoked(), access)
            yield Finding(
                "Salesforce access",
                well=True,
                says="workers end their sessions as soon as they see it",
                mend="no API revokes client credentials: delete the app in Setup if nothing else uses it",
            )
            yield await self._try("grants", self._deleted(), "repeat the command")
            if not await self._came_back():
                return

    async def _try(self, what: str, done: Awaitable[str], mend: str) -> Finding:
        try:
            return Finding(what, well=True, says=await done)
        except RemovedMeanwhile:  # what is there now is another connection's: nobody ends it by hand
            raise
        except FreshforceError as error:
            return Finding(what, well=False, says=str(error), mend=mend)

    async def _callbacks(self) -> str:
        if self.connection.freshbooks_account_id is None:
            return "there were none"
        if self.connection.removed and not self._sides():
            return "nothing is left here by which any could be deleted"
        webhooks = Webhooks(self.registry, self.session, self.connection, self.allow_http)
        removed = await webhooks.remove()
        says = f"{len(removed.callbacks)} callbacks deleted"
        if removed.unseen is None:
            return says
        doubt = f"whether somebody registered them again in that moment is not known ({removed.unseen})"
        return f"{says}; {doubt}; {self._by_hand('see that none is left')}"

    async def _registered_since(self) -> bool:
        """Tell whether somebody registered callbacks before the connection was marked; nobody does after."""
        await self.registry.grants.newest(self.connection.name, Side.WEBHOOKS)
        found = self._kept(WebhooksGrant, Side.WEBHOOKS)
        return found is not None and bool(found.callbacks)

    async def _mark(self) -> None:
        after = (await self._as_it_is()).model_copy(update={"removed": True})
        await self.registry.write(after)
        await self.registry.note(after, Verdict.CONFIGURED, "the connection was removed")

    async def _came_back(self) -> bool:
        """Tell whether somebody who had looked it up before it was marked wrote it as it was then."""
        await self.registry.read_on()
        now = self.registry.connections.get(self.connection.name)
        return now is not None and now.life == self.connection.life and not now.removed

    async def _as_it_is(self) -> Connection:
        """Return the connection as all that was written by now has it, removed or not."""
        await self.registry.read_on()
        now = self.registry.connections.get(self.connection.name)
        if now is None or now.life != self.connection.life:
            message = f"{self.connection.name} was removed meanwhile, and is another connection now"
            raise RemovedMeanwhile(message, "look at it first: freshforce connections list")
        return now

    async def _renewed(self) -> None:
        """Wait for a renewal that is under way: what it brings is to be revoked, too. No other begins."""
        now, name = asyncio.get_running_loop().time, self.connection.name
        until = now() + SETTLE
        while now() < until:
            sealed = await self.registry.grants.newest(name, Side.FRESHBOOKS)
            if sealed is None or not sealed.started:
                return
            await self.registry.grants.change()

    async def _revoked(self) -> str:
        await self._renewed()
        asked = self._kept(ConsentGrant, Side.CONSENT)
        grant = self._kept(FreshBooksGrant, Side.FRESHBOOKS)
        try:
            if grant is not None:
                await self._end(grant)
        finally:
            if asked is not None:
                await end_unchosen(self.session, asked)
        if grant is not None:
            return "its tokens are revoked"
        waited = asked is not None and asked.unchosen is not None
        return "tokens that waited for a choice are revoked" if waited else "there was none"

    async def _end(self, grant: FreshBooksGrant) -> None:
        address = grant.address or self.connection.freshbooks_api_url
        door = Door(self.session, checked(address, allow_http=self.allow_http))
        app = OAuthApp(grant.client_id, grant.client_secret, grant.redirect_uri)
        await end(door, app, grant.refresh_token, grant.access_token)

    async def _deleted(self) -> str:
        sides = self._sides() or "none"
        keys = [grant_key(self.connection.name, side) for side in Side]
        for _ in range(LOOKS):
            await self.registry.erase(GRANTS, *keys)
            await self.registry.grants.newest(self.connection.name, Side.FRESHBOOKS)
            late = self.registry.grants.mending()  # compaction would keep it, and in time only it
            if not self._sides() and late.keys().isdisjoint(keys):
                break
        return f"deleted: {sides}"

    def _sides(self) -> str:
        name = self.connection.name
        return ", ".join(side.value for side in Side if self.registry.grants.sealed(name, side) is not None)

    def _kept(self, kind: type[G], side: Side) -> G | None:
        """Return a grant; one that cannot be opened here is deleted all the same."""
        held = self.registry.grants.readable(kind, self.connection.name, side)
        return None if held is None else held.grant

    def _by_hand(self, act: str) -> str:
        account = self.connection.freshbooks_account_id or "?"
        return f"by hand: {act} in the FreshBooks account {account} (Settings, Apps)"
