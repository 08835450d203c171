"""A connection's callbacks: one per noun, each with its own opaque path; safe to do again."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import stamina
from aiohttp import ClientSession

from app.connect.callbacks import PATH, Standing, copies, going, gone, next_grant, standing
from app.connect.meanwhile import joined_for_good
from app.connect.tokens import kept_tokens, with_token
from app.freshbooks.callbacks import Callbacks, Registered
from app.freshbooks.door import Door, checked
from app.registry import Registry, RemovedMeanwhile
from app.vault.access import Held
from app.vault.grants import Callback, WebhooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Unreachable
from streams.domain.grant import Sealed, Side

T = TypeVar("T")

PATIENCE: Final = 90.0
FIRST_NUDGE: Final = 3.0
"""Seconds after which FreshBooks is asked to post a verifier again; doubled each time."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal took away."""

    callbacks: tuple[Standing, ...]
    unseen: FreshforceError | None = None
    """Why nobody knows whether they were registered again meanwhile; to remove once more looks for them."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The callbacks of one connection.

    Methods raise Misconfigured (no token, no account, removed meanwhile), Refused (FreshBooks says no) or
    Transient.
    """

    registry: Registry
    session: ClientSession
    connection: Connection
    allow_http: bool = False

    def ours(self) -> Held[WebhooksGrant]:
        """Return the callbacks that we have written down."""
        held = self.registry.grants.held(WebhooksGrant, self.connection.name, Side.WEBHOOKS)
        return held or Held(WebhooksGrant(), 0)

    async def standings(self) -> tuple[Standing, ...]:
        """Return how each of our callbacks stands, here and at FreshBooks."""
        theirs = await self._theirs()
        return tuple(standing(each, theirs) for each in self.ours().grant.callbacks)

    async def register(
        self, base: str, patience: float = PATIENCE, *, anew: bool = True
    ) -> tuple[Standing, ...]:
        """Make one verified callback per noun under the public URL `base`; return how they stand.

        What is well already stays as it is. The paths are written down before FreshBooks hears of them,
        since the handshake may come before FreshBooks has answered; the rest is the keeper's. Who is not
        to begin `anew` makes none where there are none: a person has removed them.
        """
        while (agreed := await self._agreed(base, anew=anew)) is None:
            pass  # somebody else wrote meanwhile: begin from what they wrote
        await joined_for_good(self.registry, self.connection, Side.WEBHOOKS)
        after, theirs = agreed
        for callback in after.callbacks:
            await self._at_freshbooks(callback, theirs)
        await self._unless_removed(after)
        await self._until_verified(patience)
        return await self.standings()

    async def _unless_removed(self, after: WebhooksGrant) -> None:
        """Delete at FreshBooks what somebody has removed here while it was being registered."""
        await self.registry.grants.newest(self.connection.name, Side.WEBHOOKS)
        known = {each.uri for each in self.ours().grant.callbacks}
        if gone := {each.uri for each in after.callbacks} - known:
            await self._delete(each for each in await self._theirs() if each.uri in gone)

    async def _agreed(self, base: str, *, anew: bool) -> tuple[WebhooksGrant, list[Registered]] | None:
        """Write the callbacks as they should be, and return them with what FreshBooks has.

        None where somebody else wrote at the same moment, who registers, too, or the keeper who takes a
        verifier: that is never written over. FreshBooks is asked second, so that it knows all that is here;
        and what we shall not know any more is deleted there before we forget it.
        """

        def new_path() -> str:
            return self.registry.random(PATH).hex()

        if (both := await self._both()) is None:
            return None
        sealed, theirs = both
        before = self.ours().grant
        if not (anew or before.callbacks):
            return before, []
        after = next_grant(before, theirs, base, new_path, self.registry.clock())
        known = {each.uri for each in (*before.callbacks, *before.former)}
        dropped = known - {each.uri for each in after.callbacks}
        await self._delete(each for each in theirs if each.uri in dropped)
        said = self.connection, after, Side.WEBHOOKS, "callbacks were made or mended"
        done = after == before or await self.registry.follow(*said, sealed)
        return (after, theirs) if done else None

    async def going(self) -> tuple[Standing, ...]:
        """Return what `remove` would take away."""
        theirs = await self._theirs()
        return going(self.ours().grant, theirs)

    async def remove(self) -> Removed:
        """Take our callbacks away at FreshBooks and here; return what there was."""
        while (removed := await self._removed()) is None:
            pass  # somebody else wrote meanwhile: what they wrote goes, too
        return removed

    async def _removed(self) -> Removed | None:
        """Delete our callbacks at FreshBooks, then forget them; None where somebody else wrote meanwhile.

        Before they are forgotten somebody may register them again, and not see after it that they are
        forgotten: so FreshBooks is asked once more.
        """
        if (both := await self._both()) is None:
            return None
        sealed, theirs = both
        before = self.ours().grant
        found = going(before, theirs)
        uris = {each.uri for each in found}
        await self._delete(each for each in theirs if each.uri in uris)
        if not before.callbacks:
            return Removed(found)
        said = self.connection, gone(before), Side.WEBHOOKS, "the callbacks were removed"
        if not await self.registry.follow(*said, sealed):
            return None
        return Removed(found, await self._registered_again(uris))

    async def _registered_again(self, uris: Container[str]) -> FreshforceError | None:
        """Delete what was registered again meanwhile; return why that could not be looked for."""
        try:
            await self._delete(each for each in await self._theirs() if each.uri in uris)
        except FreshforceError as error:  # they are removed all the same
            return error
        return None

    async def _both(self) -> tuple[Sealed | None, list[Registered]] | None:
        """Return our callbacks as they are sealed, and FreshBooks'; None where ours are others by then.

        Raises:
            RemovedMeanwhile: they are of a later life of the name.
        """
        name = self.connection.name
        sealed = await self.registry.grants.newest(name, Side.WEBHOOKS)
        if sealed is not None and sealed.generation > self.connection.last_generation:
            raise RemovedMeanwhile.of(self.connection)
        theirs = await self._theirs()
        return (sealed, theirs) if self.registry.grants.sealed(name, Side.WEBHOOKS) == sealed else None

    async def _at_freshbooks(self, ours: Callback, theirs: Iterable[Registered]) -> None:
        """Register what FreshBooks lacks, drop what it has twice, ask again for a verifier that we lack."""
        one, *more = copies(ours, theirs) or (None,)
        await self._delete(each for each in more if each is not None)
        if one is None:
            await self._ask(lambda callbacks: callbacks.register(ours.event, ours.uri))
        elif not (one.verified and ours.verified):
            await self._ask(lambda callbacks: callbacks.resend(one.id))

    async def _until_verified(self, patience: float) -> None:
        """Wait until the keeper holds every verifier; nudge FreshBooks meanwhile."""
        now = asyncio.get_running_loop().time
        end, pause = now() + patience, FIRST_NUDGE
        nudge = now() + pause
        while (lacking := self._lacking()) and now() < end:
            await self.registry.grants.change(min(1.0, max(end - now(), 0.0)))
            if now() >= nudge:
                pause *= 2
                nudge = now() + pause
                await self._nudge(lacking)

    def _lacking(self) -> list[Callback]:
        return [each for each in self.ours().grant.callbacks if not each.verified]

    async def _nudge(self, lacking: Iterable[Callback]) -> None:
        theirs = await self._theirs()
        for callback in lacking:
            for each in copies(callback, theirs):
                await self._ask(lambda callbacks, which=each.id: callbacks.resend(which))  # type: ignore[misc]

    async def _delete(self, gone: Iterable[Registered]) -> None:
        for each in gone:
            await self._ask(lambda callbacks, which=each.id: callbacks.delete(which))  # type: ignore[misc]

    async def _theirs(self) -> list[Registered]:
        async def every(callbacks: Callbacks) -> list[Registered]:
            return [each async for each in callbacks.every()]

        return await self._ask(every)

    async def _ask(self, question: Callable[[Callbacks], Awaitable[T]]) -> T:
        account = self.connection.freshbooks_account_id
        if account is None:
            message = f"{self.connection.name} has no FreshBooks account"
            mend = f"run `freshforce connect freshbooks {self.connection.name}`"
            raise Misconfigured(message, mend, "no-account")
        door = Door(self.session, checked(self.connection.freshbooks_api_url, allow_http=self.allow_http))

        async def asked(token: str) -> T:
            return await question(Callbacks(door, account, token))

        async for attempt in stamina.retry_context(on=Unreachable, attempts=5, timeout=30.0):
            with attempt:
                return await with_token(kept_tokens(self.registry), self.connection, asked)
        message = "a retried question has neither an answer nor an error"
        raise AssertionError(message)
