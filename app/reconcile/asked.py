"""Differences as events, so that the pipeline does the work: it reads FreshBooks again, and sends."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.poll.poller import PARENTS_FIRST
from app.reconcile.difference import Difference, Named
from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, digest

ACTION = "seen"


def events(connection: ConnectionName, differences: Sequence[Difference], at: datetime) -> Iterator[Event]:
    """Yield one event for each object that differs, parents first.

    What FreshBooks has otherwise is named by its version, so that it is the same event however often it is
    found. What lies in Salesforce is a demand of its own each time: its rows are sent though the log takes
    them for delivered.
    """
    found: dict[Named, list[Difference]] = {}
    for it in differences:
        if it.mendable:
            found.setdefault(it.named, []).append(it)
    for named in sorted(found, key=lambda it: (PARENTS_FIRST.index(it.kind), it.number)):
        yield _event(connection, named, found[named], at)


def _event(
    connection: ConnectionName, named: Named, differences: Sequence[Difference], at: datetime
) -> Event:
    stamp = max(it.stamp for it in differences)
    cause = digest("reconcile", connection, named.kind.value, str(named.number), stamp)
    demand = any(it.lies_in_salesforce for it in differences)
    nonce = f"{int(at.timestamp()):010x}{cause[:6]}" if demand else ""
    return Event(
        id=EventId(digest("reconcile", cause, nonce) if demand else cause),
        connection=connection,
        object=named.kind,
        object_id=named.number,
        action=ACTION,
        source=EventSource.RECONCILE,
        received_at=at,
        nonce=nonce,
    )
