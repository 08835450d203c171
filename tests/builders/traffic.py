"""Numbered events for tests of the loop, and a step that keeps count of them."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.event import Event, EventSource
from streams.domain.identity import ConnectionName, EventId, ObjectKind
from streams.ports import State

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROW = struct.Struct(">QQB")


def an_event(number: int = 1, *, object_id: int = 7, connection: str = "north") -> Event:
    """Return the event that carries `number`, of the object `object_id`."""
    return Event(
        id=EventId(str(number)),
        connection=ConnectionName(connection),
        object=ObjectKind.INVOICE,
        object_id=object_id,
        action="update",
        source=EventSource.WEBHOOK,
        received_at=NOON,
    )


def noted(event: Event, rule: str = "") -> AuditEntry:
    """Return what a step of these tests says of an event."""
    return AuditEntry(
        id=audit_id(Step.TRANSLATE, Verdict.TRANSLATED, event.id),
        connection=event.connection,
        step=Step.TRANSLATE,
        verdict=Verdict.TRANSLATED,
        cause=event.id,
        object=event.object,
        object_id=event.object_id,
        rule=rule,
    )


class Count:
    """Per object: the last number seen, how many were seen, whether one was skipped. Says every one of them.

    An equal number is said again (the output may have been lost in a crash), an older one too: so that a
    test can count what came out.
    """

    def __init__(self, table: State, apart: int) -> None:
        self.table, self.apart = table, apart

    def __call__(self, event: Event) -> Iterator[AuditEntry]:
        number, key = int(event.id), event.key.encode()
        before = self.table.get(key)
        if before is None:
            self.table[key] = ROW.pack(number, 1, number >= self.apart)
        else:
            last, count, skipped = ROW.unpack(before)
            if number > last:
                self.table[key] = ROW.pack(number, count + 1, skipped or number != last + self.apart)
        yield noted(event)
