"""What looking for people's Orders takes of an installation, and when a poller does it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from app.poll.findings import Told
from app.poll.numbered import Invoices, OrdersWithNumbers
from app.poll.ordered import Ordered
from app.poll.schedule import Passes, Schedule
from app.poll.upkeep import AGAIN
from app.registry import Registry
from app.salesforce.lanes import Lanes
from app.salesforce.orgs import orgs
from app.salesforce.transport import TIMEOUT, transport
from app.salesforce.unfilled import UnfilledOrders
from app.settings import Settings
from streams.domain.connection import Connection
from streams.domain.event import Event
from streams.domain.grant import Side

EVERY: Final = timedelta(minutes=15)
"""Between two looks, at the least: a hundred of the org's calls a day."""

Recall = Callable[[], Awaitable[Told]]


class Ways(NamedTuple):
    """The ways to both sides of the connections."""

    orgs: Lanes
    books: Invoices


async def ways(house: AsyncExitStack, settings: Settings, registry: Registry, books: Invoices) -> Ways:
    """Return the ways for `registry`'s connections, open for as long as `house` stands."""
    send = await house.enter_async_context(transport(TIMEOUT))
    return Ways(orgs(registry, send, allow_http=settings.allow_http_vendors), books)


def ordered(
    connection: Connection, ways: Ways, registry: Registry, since: datetime, recall: Recall
) -> Ordered:
    """Return what looks for Orders in one org, unless that is paused, removed or not connected (yet)."""
    name = connection.name
    orders = OrdersWithNumbers(UnfilledOrders(ways.orgs.client(name)), ways.books)

    def settings() -> Connection | None:
        now = registry.connections.get(name)
        closed = now is None or now.removed or now.paused
        return None if closed or registry.grants.sealed(name, Side.SALESFORCE) is None else now

    async def produce(events: Sequence[Event]) -> None:
        await registry.write(*events)

    return Ordered(settings, orders, produce, registry.clock, since, recall)


def looks(make: Callable[[Connection], Passes], registry: Registry) -> Schedule:
    """Return when each org is looked at: as FreshBooks is polled, or less often; not at a start."""
    return Schedule(make, registry.clock, _rests, lambda _: False, "orders", again=AGAIN)


def _rests(connection: Connection, after: datetime) -> timedelta:
    return max(EVERY, connection.rests(after))
