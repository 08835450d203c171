"""What looking for people's Orders and Accounts takes of an installation, and when a poller does it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple, Protocol

from app.poll.findings import Told
from app.poll.numbered import Invoices, OrdersWithNumbers
from app.poll.ordered import Ordered
from app.poll.schedule import Passes, Schedule
from app.poll.upkeep import AGAIN
from app.poll.waiting import Waiting
from app.registry import Registry
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.lanes.orgs import orgs
from app.salesforce.matching.book import MatchBook
from app.salesforce.matching.score import Existing
from app.salesforce.matching.search import existing, look_anew
from app.salesforce.matching.terms import Client
from app.salesforce.reads.affordable import refuse_dear
from app.salesforce.reads.unfilled import UnfilledOrders
from app.salesforce.wire.transport import TIMEOUT, transport
from app.settings import Settings
from streams.domain.connection import Connection
from streams.domain.errors import Refused
from streams.domain.event import Event
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName, ObjectKind, SalesforceId
from streams.ports import Books

EVERY: Final = timedelta(minutes=15)
"""Between two looks, at the least: a hundred of the org's calls a day."""

Recall = Callable[[], Awaitable[Told]]


class FreshBooks(Books, Invoices, Protocol):
    """FreshBooks, as looks need it."""


class Ways(NamedTuple):
    """The ways to both sides of the connections."""

    orgs: Lanes
    books: FreshBooks


async def ways(house: AsyncExitStack, settings: Settings, registry: Registry, books: FreshBooks) -> Ways:
    """Return the ways for `registry`'s connections, open for as long as `house` stands."""
    send = await house.enter_async_context(transport(TIMEOUT))
    return Ways(orgs(registry, send, allow_http=settings.allow_http_vendors), books)


def ordered(
    connection: Connection, ways: Ways, registry: Registry, since: datetime, recall: Recall
) -> Ordered:
    """Return what looks for Orders in one org, unless that is paused, removed or not connected (yet)."""
    name = connection.name
    orders = OrdersWithNumbers(UnfilledOrders(ways.orgs.client(name)), ways.books)
    settings, produce = partial(_open, registry, name), partial(_produce, registry)
    return Ordered(settings, orders, produce, registry.clock, since, recall)


def waiting(connection: Connection, ways: Ways, registry: Registry, book: MatchBook) -> Waiting:
    """Return what looks for Accounts of clients that wait in one org, unless that is closed as above."""
    name, org = connection.name, ways.orgs.org(connection.name)

    async def search(now: Connection, clients: Sequence[Client]) -> Mapping[SalesforceId, Existing]:
        """Look into the org while its calls are not kept for rows."""
        refuse_dear(org.client, now)
        try:
            return await existing(org, clients)
        except Refused:
            look_anew(org)
            raise

    read, produce = partial(ways.books.read, name, ObjectKind.CLIENT), partial(_produce, registry)
    return Waiting(partial(_open, registry, name), book, read, search, produce, registry.clock)


def looks(make: Callable[[Connection], Passes], registry: Registry, what: str = "orders") -> Schedule:
    """Return when each org is looked at: as FreshBooks is polled, or less often; not at a start."""
    return Schedule(make, registry.clock, _rests, lambda _: False, what, again=AGAIN)


def _open(registry: Registry, name: ConnectionName) -> Connection | None:
    now = registry.connections.get(name)
    closed = now is None or now.removed or now.paused
    return None if closed or registry.grants.sealed(name, Side.SALESFORCE) is None else now


async def _produce(registry: Registry, events: Sequence[Event]) -> None:
    await registry.write(*events)


def _rests(connection: Connection, after: datetime) -> timedelta:
    return max(EVERY, connection.rests(after))
