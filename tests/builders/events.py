"""Events, told by what matters in a test."""

from datetime import UTC, datetime

from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, ObjectKind, digest

ACME = ConnectionName("acme")
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)


def an_event(
    kind: ObjectKind, number: int, *, nth: int = 0, action: str = "update", connection: ConnectionName = ACME
) -> Event:
    """Return the `nth` event that says the object changed."""
    return Event(
        id=EventId(digest("event", connection, kind.value, str(number), str(nth))),
        connection=connection,
        object=kind,
        object_id=number,
        action=action,
        source=EventSource.POLL,
        received_at=MORNING,
    )
