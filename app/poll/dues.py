"""Somebody must tell the books that a day has passed: no webhook does, for nothing was written."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from app.freshbooks.client import Due
from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, ObjectKind, digest
from streams.domain.version import EASTERN

AWAY: Final = timedelta(days=7)
"""How far back the first pass of a process looks: for longer gaps there is `freshforce poll --since`."""

_GRACE: Final = timedelta(hours=1)
"""How long after midnight a day is taken for passed: FreshBooks' clock, by which it is read, may be late."""

_BATCH: Final = 500


class DueLists(Protocol):
    """FreshBooks' invoices by the day they are due."""

    def due(self, connection: ConnectionName, first: date, before: date) -> AsyncIterator[Due]:
        """Yield the unpaid invoices due on or after `first` and before `before`; waits as `changed` does.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        ...


@dataclass(slots=True)
class Dues:
    """Makes, once a day, an event of each client of whom an invoice has become overdue."""

    connection: ConnectionName
    lists: DueLists
    told: date
    """Whatever was due before this day has been told."""

    async def tell(self, now: datetime, produce: Callable[[Sequence[Event]], Awaitable[None]]) -> int:
        """Produce the events of the days that have passed since; return how many."""
        today = (now - _GRACE).astimezone(EASTERN).date()
        if today <= self.told:
            return 0
        late: dict[int, date] = {}
        async for due in self.lists.due(self.connection, self.told, today):
            late[due.client] = max(due.on, late.get(due.client, due.on))
        events = [_event(self.connection, client, on, now) for client, on in late.items()]
        for start in range(0, len(events), _BATCH):
            await produce(events[start : start + _BATCH])
        self.told = today
        return len(events)


def _event(connection: ConnectionName, client: int, due_on: date, at: datetime) -> Event:
    """Return the event that something a client owes was due on a day; found again, it has the same id."""
    cause = digest("due", connection, str(client), due_on.isoformat())
    return Event(
        id=EventId(cause),
        connection=connection,
        object=ObjectKind.CLIENT,
        object_id=client,
        action="overdue",
        source=EventSource.POLL,
        received_at=at,
    )
