"""What the event log already tells of a connection's objects, and in which version."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, first_since, stretch
from app.poll.findings import Told
from streams.codec import readable
from streams.domain.connection import Connection
from streams.domain.event import ORDERED, Event, EventSource
from streams.domain.identity import EventId
from streams.topics import EVENTS


async def told(
    options: Mapping[str, Any], connection: Connection, progress: Progress, since: datetime | None = None
) -> Told:
    """Return what was found on FreshBooks' lists for the connection, as the log holds it since that moment.

    A webhook says that something changed, never to which version: what only webhooks told is not among it.
    A name that was taken anew begins with nothing: what an earlier life left in the log went nowhere. Orders
    alone are known again: their events say of which life they are.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    ids, first = set[EventId](), None
    prefix = f"{connection.name}:".encode()
    where = await bounds(options, await spots(options, EVENTS.name))
    if since is not None:
        begins = await first_since(options, where, since)
        where = {place: (begins[place], end) for place, (_, end) in where.items()}
    of, before = sum(end - begin for begin, end in where.values()), 0
    for place, (begin, end) in where.items():
        async for message in stretch(options, place, begin, end):
            event = readable(Event, message.value) if (message.key or b"").startswith(prefix) else None
            if event is not None and _is_known(event, connection):
                ids.add(event.id)
                first = event.received_at if first is None else min(first, event.received_at)
            progress(before + message.offset + 1 - begin, of)
        before += end - begin
    return Told(ids, first if connection.life == 1 else None)


def _is_known(event: Event, connection: Connection) -> bool:
    """Tell whether `event` may be of this life of the connection, found on a list."""
    return event.source is EventSource.POLL and (connection.life == 1 or event.action == ORDERED)
