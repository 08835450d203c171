"""What every page is made of: the connections, the way to the vendors, the view, and the templates."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiohttp import ClientSession, web
from jinja2 import Environment

from app.deadletters.retry import Again
from app.deadletters.said import By
from app.desk.works import Works
from app.freshbooks.books import HttpBooks
from app.registry import Registry
from app.replay.replays import Replays
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.matching.book import MatchBook
from app.salesforce.wire.wire import Send
from app.settings import Settings
from app.view.letters import Letter
from app.view.store import Store
from streams.domain.connection import Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.identity import ConnectionName


class Letters(Protocol):
    """As app.deadletters.kept has them."""

    async def fetched(self, letters: Sequence[Letter]) -> Mapping[str, DeadLetter]:
        """Return the letters with their bytes, by id; one that is no longer kept is left out."""
        ...

    async def put_back(self, again: Sequence[Again], by: By) -> None:
        """Have the messages tried again, or what somebody wants in their place."""
        ...

    async def discard(self, letters: Sequence[Letter], by: By) -> None:
        """Say that nothing needs to come of them."""
        ...


@dataclass(slots=True)
class Desk:
    """One per process; made by the composition root."""

    settings: Settings
    registry: Registry
    session: ClientSession
    """To FreshBooks."""
    send: Send
    """To Salesforce."""
    options: Mapping[str, Any]
    """Of Kafka clients."""
    works: Works
    templates: Environment
    replays: Replays
    book: MatchBook
    """Which Account each client is."""
    orgs: Lanes
    """To Salesforce for questions: one session per org, however many pages ask."""
    books: HttpBooks
    """To FreshBooks for questions."""
    letters: Letters
    """The dead letters with their bytes, and what is done about them."""
    edited: set[tuple[str, str]] = field(default_factory=set)
    """Dead letters that were sent with other values, each with its state then: the view tells of it later."""
    seen: object = None
    """What the dashboard saw last."""
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _store: Store | None = None

    async def store(self) -> Store:
        """Return the view's database, opened by the first page that asks.

        Raises:
            DatabaseAway: it cannot be used now.
        """
        if self._store is None:
            self._store = await Store.open(self.settings.database)
        return self._store

    async def close(self) -> None:
        """Let go of what pages began and opened."""
        await self.works.stop()
        if self._store is not None:
            await self._store.close()


DESK: Final = web.AppKey("desk", Desk)


def desk_of(request: web.Request) -> Desk:
    """Return the desk at which this request is answered."""
    return request.config_dict[DESK]


def connection_of(request: web.Request) -> Connection:
    """Return the connection that the address names.

    Raises:
        NoConnection: there is none of that name.
    """
    return desk_of(request).registry[ConnectionName(request.match_info["name"])]
