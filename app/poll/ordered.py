"""People make Orders for invoices that were carried long ago: no event tells of it, so somebody looks."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from app.poll.findings import OVERLAP, Told
from app.poll.poller import BATCH, Produce
from app.salesforce.found.presence import UNSEEN
from app.salesforce.reads.unfilled import Unfilled
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.domain.event import ORDERED, Event, EventSource
from streams.domain.identity import EventId, ObjectKind, demanded_at, digest, number_in
from streams.loop.contract import Clock
from streams.mapping.rules import Rules
from streams.mapping.sheet import Sheet

_log = structlog.get_logger(__name__)


class Orders(Protocol):
    """People's Orders in one org."""

    def since(self, connection: Connection, sheet: Sheet, moment: datetime) -> AsyncIterator[list[Unfilled]]:
        """Yield those that were touched since `moment` and lack something of `sheet`.

        Raises:
            FreshforceError: the org cannot be asked; with a code of `UNSEEN`, it has none or hides them.
        """
        ...


@dataclass(slots=True)
class Ordered:
    """Makes an event of each Order that came to an Opportunity after the invoice was carried.

    Whether the invoice's amount was looked for in vain before, only the worker knows; an Order that holds
    nothing of ours is told to it once. That demands the rows of its invoice, as `reconcile --apply` does.
    """

    settings: Callable[[], Connection | None]
    """The connection as it is now; None while its org is not to be asked."""
    orders: Orders
    produce: Produce
    clock: Clock
    since: datetime
    """What was touched before this moment, less a day, is not looked at."""
    recall: Callable[[], Awaitable[Told]] | None
    """What looks before this one told; asked once, and only when there is something to tell."""
    _known: set[EventId] = field(default_factory=set, init=False)
    _unseen: bool = field(default=False, init=False)
    """Whether it was said that the org shows us no Orders."""

    async def run_pass(self) -> int:
        """Look once; return how many events were produced.

        Raises:
            FreshforceError: the org cannot be asked now.
        """
        connection = self.settings()
        if connection is None:
            return 0
        started = self.clock()
        try:
            produced = await self._look(connection)
        except FreshforceError as error:
            if error.code not in UNSEEN:
                raise
            self._say_unseen(connection, error)
            return 0
        self._unseen, self.since = False, started
        return produced

    async def _look(self, connection: Connection) -> int:
        sheet, produced = Rules.of(connection).mapping.order, 0
        if sheet is None or not sheet.sources:
            return 0
        async for page in self.orders.since(connection, sheet, self.since - OVERLAP):
            news = await self._news(connection, page)
            for start in range(0, len(news), BATCH):
                await self._say(news[start : start + BATCH])
            produced += len(news)
        return produced

    async def _news(self, connection: Connection, page: list[Unfilled]) -> list[Event]:
        if page and self.recall is not None:
            self._known, self.recall = (await self.recall()).ids, None
        at = self.clock()
        events = (_event(connection, it, at) for it in page)
        return [event for event in events if event is not None and event.id not in self._known]

    async def _say(self, news: list[Event]) -> None:
        await self.produce(news)
        self._known.update(event.id for event in news)

    def _say_unseen(self, connection: Connection, why: FreshforceError) -> None:
        """Say once, not at each look, that there is nothing to look at."""
        if not self._unseen:
            mend = f"freshforce setup salesforce {connection.name}, should it have Orders"
            _log.info("orders.unseen", connection=connection.name, code=why.code, mend=mend)
        self._unseen = True


def _event(connection: Connection, found: Unfilled, at: datetime) -> Event | None:
    """Return the event of an Order, the same however often one life finds it; None of no invoice of ours."""
    invoice = number_in(found.sale)
    if invoice is None:
        return None
    life = () if connection.life == 1 else (str(connection.life),)
    return Event(
        id=EventId(digest("order", connection.name, found.order, found.sale, *life)),
        connection=connection.name,
        object=ObjectKind.INVOICE,
        object_id=invoice,
        action=ORDERED,
        source=EventSource.POLL,
        received_at=at,
        nonce=demanded_at(at),
    )
