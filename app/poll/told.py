"""What the event log already tells of a connection's objects, and in which version."""

from collections.abc import Mapping
from typing import Any

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, stretch
from streams.codec import readable
from streams.domain.connection import Connection
from streams.domain.event import Event, EventSource
from streams.domain.identity import EventId
from streams.topics import EVENTS


async def told(options: Mapping[str, Any], connection: Connection, progress: Progress) -> set[EventId]:
    """Return the ids of the connection's events that were found on FreshBooks' lists.

    A webhook says that something changed, never to which version: what only webhooks told is not among them.
    A name that was taken anew begins with nothing: what an earlier life left in the log went nowhere.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    found = set[EventId]()
    if connection.life > 1:
        return found
    prefix = f"{connection.name}:".encode()
    where = await bounds(options, await spots(options, EVENTS.name))
    of, before = sum(end - begin for begin, end in where.values()), 0
    for place, (begin, end) in where.items():
        async for message in stretch(options, place, begin, end):
            event = readable(Event, message.value) if (message.key or b"").startswith(prefix) else None
            if event is not None and event.source is EventSource.POLL:
                found.add(event.id)
            progress(before + message.offset + 1 - begin, of)
        before += end - begin
    return found
