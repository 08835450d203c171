"""FreshBooks for fetch and for the poller: it waits through whatever may pass, and keeps a fair pace."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final, TypeVar

from aiohttp import ClientSession

from app.freshbooks.bucket import Bucket
from app.freshbooks.client import Carrying, Due, FreshBooks, Listed, carrying, due, listed
from app.freshbooks.door import Door, checked
from app.freshbooks.lane import Lane
from app.freshbooks.mending import Mending
from app.freshbooks.pages import Page
from app.freshbooks.patience import patiently
from app.freshbooks.refusal import DENIED
from app.freshbooks.refused import API, NoSuchAddress
from app.freshbooks.vendor_clock import VendorClock
from app.vault.tokens import AccessToken, Tokens
from streams.domain.connection import Connection
from streams.domain.errors import (
    FreshforceError,
    Misconfigured,
    Permanent,
    RateLimited,
    Removed,
    Unauthorized,
    Unreachable,
)
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.loop.contract import Clock
from streams.ports import Reading, Settings

T = TypeVar("T")
Question = Callable[[FreshBooks], Awaitable[T]]

Count = Callable[[ConnectionName, str], object]
"""Told of each question: whose it was, and `ok`, `no-answer` or the code of its error."""


def uncounted(_: ConnectionName, __: str) -> None:
    """Let the question pass by."""


@dataclass(slots=True)
class HttpBooks:
    """The port `Books` over FreshBooks' REST API; also its lists."""

    session: ClientSession
    settings: Settings
    tokens: Tokens
    clock: Clock
    allow_http: bool = False
    count: Count = uncounted
    _lanes: dict[ConnectionName, Lane] = field(default_factory=dict)
    _mendings: dict[ConnectionName, Mending] = field(default_factory=dict)

    async def read(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is now; waits through outages, limits, expired tokens and wrong settings.

        What a person has to mend for the connection would refuse every other object too: it is waited for,
        so that nothing is buried for it, and nobody else's work stops.

        Raises:
            Removed: a person removed the connection.
            Permanent: reading it again will not help, whatever is mended for the connection.
        """
        who = {"connection": connection, "object": kind.value, "object_id": object_id}
        mending = self._mendings.setdefault(connection, Mending(connection))
        while True:
            try:
                found = await self._ask(connection, lambda account: account.read(kind, object_id), who)
            except (Misconfigured, NoSuchAddress) as wrong:
                if await self._is_its_own(connection, kind, wrong):
                    raise
                await mending.wait(wrong, lambda: self._known(connection))
            else:
                mending.well()
                return found

    async def _is_its_own(self, connection: ConnectionName, kind: ObjectKind, wrong: Permanent) -> bool:
        """Tell whether the refusal is about this one object: then others of its kind can be listed.

        FreshBooks' 404 may mean the object or a wrong account id, its 403 a role that sees some rows and
        not others; only a list of the same account can tell (facts, sections 5 and 6).
        """
        if not isinstance(wrong, NoSuchAddress) and wrong.code != DENIED:
            return False
        who = {"connection": connection, "list": kind.value}
        turn = partial(_page, kind=kind, number=1, since=None, deleted=False)
        try:
            await self._ask(connection, turn, who)
        except Permanent:
            return False
        return True

    def _known(self, connection: ConnectionName) -> Connection | None:
        """Return the settings of now; None when the connection is gone."""
        try:
            return self.settings[connection]
        except KeyError:
            return None

    async def changed(
        self,
        connection: ConnectionName,
        kind: ObjectKind,
        since: date | None = None,
        *,
        deleted: bool = False,
    ) -> AsyncIterator[Listed]:
        """Yield what changed on or after the day `since`, newest id first; deleted objects are listed apart.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        async for item in self.items(connection, kind, since, deleted=deleted):
            yield listed(kind, item)

    def items(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> AsyncIterator[Any]:
        """Yield the same as FreshBooks sends it: all but an invoice's lines.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        turn = partial(_page, kind=kind, since=since, deleted=deleted)
        return self._listed(connection, kind.value, turn)

    async def how_many(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> int:
        """Return how many FreshBooks says are on the list that `changed` yields, at the most: one call.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        turn = partial(_page, kind=kind, number=1, since=since, deleted=deleted)
        return (await self._ask(connection, turn, {"connection": connection, "list": kind.value})).total

    async def due(self, connection: ConnectionName, first: date, before: date) -> AsyncIterator[Due]:
        """Yield the unpaid invoices that are due on or after `first` and before `before`.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        turn = partial(_due_page, first=first, before=before)
        async for item in self._listed(connection, "due", turn):
            if found := due(item, first, before):
                yield found

    async def of_client(self, connection: ConnectionName, client: ClientId) -> AsyncIterator[Carrying]:
        """Yield a client's invoices, but those that were deleted; waits as `read` does.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        async for item in self._listed(connection, "of-client", partial(_client_page, client=client)):
            if found := carrying(item, client):
                yield found

    async def _listed(
        self, connection: ConnectionName, name: str, turn: Callable[..., Awaitable[Page]]
    ) -> AsyncIterator[Any]:
        """Yield what stands on all pages of a list.

        Where objects leave it meanwhile, the rest moves up: what stood first on the page that comes next then
        stands on the page before, which is asked for once more.
        """
        who, before = {"connection": connection, "list": name}, _NO_PAGE
        for number in itertools.count(1):
            page = await self._ask(connection, partial(turn, number=number), who)
            if page.total < before.total:
                again = await self._ask(connection, partial(turn, number=number - 1), who)
                for item in again.items:
                    if item not in before.items:
                        yield item
            for item in page.items:
                yield item
            if page.last:
                return
            before = page

    async def _ask(self, connection: ConnectionName, question: Question[T], who: Mapping[str, object]) -> T:
        """Ask for as long as it takes; each time with the settings of that moment, which may be the mend."""
        async with self._lane(self._settings(connection)).turns:
            return await patiently(lambda: self._once(self._settings(connection), question), **who)

    async def _once(self, settings: Connection, question: Question[T]) -> T:
        """Ask with the token of now and, where that is dead, with its successor."""
        token = await self.tokens.freshbooks(settings.name)
        lane = self._lane(settings)
        try:
            return await self._asked(settings, question, token)
        except Unauthorized:
            lane.doubt(token.generation)
        token = await self.tokens.renew(settings.name, token.generation)
        try:
            return await self._asked(settings, question, token)
        except Unauthorized:
            lane.fresh_refused(token.generation)
            raise Unreachable(API, "a fresh token was refused") from None

    async def _asked(self, settings: Connection, question: Question[T], token: AccessToken) -> T:
        """Ask once, and count what came of it; where FreshBooks wants quiet, everybody rests."""
        came = "no-answer"
        try:
            secret = token.at(settings.name, settings.freshbooks_api_url)
            answer = await question(self.account(settings, secret))
            came = "ok"
        except FreshforceError as error:
            came = error.code
            if isinstance(error, RateLimited):
                self._lane(settings).bucket.rest(error.retry_after.total_seconds())
            raise
        finally:
            self.count(settings.name, came)
        return answer

    def _settings(self, connection: ConnectionName) -> Connection:
        try:
            found = self.settings[connection]
        except KeyError:
            message = f"there is no connection {connection}"
            raise Misconfigured(message, "see `freshforce connections list`", "no-connection") from None
        if found.removed:
            message = f"the connection {connection} was removed"
            raise Removed(message)
        return found

    def _lane(self, settings: Connection) -> Lane:
        lane = self._lanes.setdefault(settings.name, Lane(Bucket(settings.freshbooks_reads_per_second)))
        lane.bucket.per_second = settings.freshbooks_reads_per_second
        return lane

    def account(self, settings: Connection, token: str) -> FreshBooks:
        """Return the connection's account, seen with `token`.

        Raises:
            Misconfigured: no account was chosen, or its URL is refused.
        """
        if settings.freshbooks_account_id is None:
            message = f"{settings.name} has no FreshBooks account"
            mend = f"run `freshforce connect freshbooks {settings.name}`"
            raise Misconfigured(message, mend, "no-account")
        url = checked(settings.freshbooks_api_url, allow_http=self.allow_http)
        clock = VendorClock(self.clock)
        door = Door(self.session, url, self._lane(settings).bucket, clock.heard)
        return FreshBooks(door, settings.freshbooks_account_id, token, clock)


_NO_PAGE: Final = Page(items=(), last=False, total=0)


async def _page(
    account: FreshBooks, *, kind: ObjectKind, number: int, since: date | None, deleted: bool
) -> Page:
    return await account.page(kind, number, since, deleted=deleted)


async def _due_page(account: FreshBooks, *, number: int, first: date, before: date) -> Page:
    return await account.due_page(number, first, before)


async def _client_page(account: FreshBooks, *, number: int, client: ClientId) -> Page:
    return await account.client_page(number, client)
