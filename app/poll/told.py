"""What the event log already tells of a connection's objects, and in which version."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, first_since, stretch, unseen
from app.poll.findings import Told
from app.vault.access import Grants
from app.vault.grants import FreshBooksGrant
from streams.codec import readable
from streams.domain.connection import Connection
from streams.domain.event import ORDERED, Event, EventSource
from streams.domain.grant import Side
from streams.domain.identity import EventId
from streams.topics import EVENTS


def life_began(grants: Grants, connection: Connection) -> datetime | None:
    """Return from when on the log tells of the connection's present life alone; None where nobody knows.

    That is its last consent: an earlier life had ended by then.
    """
    held = grants.readable(FreshBooksGrant, connection.name, Side.FRESHBOOKS)
    return None if held is None else held.grant.given_at


def recalling(
    options: Mapping[str, Any], grants: Grants, connection: Connection, since: datetime
) -> Callable[[], Awaitable[Told]]:
    """Return what tells what was told of the connection since that moment, in its present life."""
    return partial(told, options, connection, unseen, since, life_began(grants, connection))


async def told(
    options: Mapping[str, Any],
    connection: Connection,
    progress: Progress,
    since: datetime | None = None,
    began: datetime | None = None,
) -> Told:
    """Return what was found on FreshBooks' lists for the connection, as the log holds it since that moment.

    A webhook says that something changed, never to which version: what only webhooks told is not among it.
    Of a name that was taken anew only what was found since its life `began` is: what an earlier one left
    in the log went nowhere. Orders alone are known without: their events say of which life they are.

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
            if event is not None and event.source is EventSource.POLL:
                if ours := _is_ours(event, connection, began):
                    first = event.received_at if first is None else min(first, event.received_at)
                if ours or event.action == ORDERED:
                    ids.add(event.id)
            progress(before + message.offset + 1 - begin, of)
        before += end - begin
    return Told(ids, first)


def _is_ours(event: Event, connection: Connection, began: datetime | None) -> bool:
    """Tell whether `event` is surely of the connection's present life."""
    return connection.life == 1 or (began is not None and event.received_at >= began)
