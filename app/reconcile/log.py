"""Reading what the log holds of one connection: events, records, audit entries; and what was delivered."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from aiokafka import ConsumerRecord, TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, first_since, stretch
from app.kafka.table import rows_of
from app.reconcile.compare_rows import Sent
from app.reconcile.told import Told
from streams.codec import readable
from streams.domain.audit import AuditEntry
from streams.domain.command import Command, Field
from streams.domain.event import Event
from streams.domain.identity import ConnectionName
from streams.domain.message import Value
from streams.domain.record import Record
from streams.steps.id_map import RowKey, row_key, short
from streams.topics import AUDIT, COMMANDS, EVENTS, ID_MAP, RECORDS, Topic

V = TypeVar("V", bound=Value)

Stretches = Mapping[TopicPartition, tuple[int, int]]
"""From where to before where each partition is read."""

READ = (EVENTS, RECORDS, AUDIT)


@dataclass(frozen=True, slots=True)
class Log:
    """The log of one connection up to a moment, which is fixed once: it may only grow meanwhile."""

    options: Mapping[str, Any]
    connection: ConnectionName
    stretches: Stretches
    progress: Progress

    async def told(self, *, lines: bool = False) -> Told:
        """Return what the log tells, of the lines of invoices where those are asked for.

        Raises:
            KafkaAway: no broker answers, or one fell silent.
        """
        told = Told(lines=lines)
        async for event, _ in self.values(EVENTS, Event):
            told.event(event)
        async for record, _ in self.values(RECORDS, Record):
            told.record(record)
        async for entry, message in self.values(AUDIT, AuditEntry):
            told.entry(entry, message.timestamp)
        return told

    async def records(self) -> AsyncIterator[Record]:
        """Yield the records once more, each client's in their order."""
        async for record, _ in self.values(RECORDS, Record):
            yield record

    async def values(self, topic: Topic, kind: type[V]) -> AsyncIterator[tuple[V, ConsumerRecord]]:
        """Yield the connection's values of one topic, partition by partition; what is unreadable is none."""
        name, prefix = self.connection.encode(), f"{self.connection}:".encode()
        for place, (begin, end) in self.stretches.items():
            if place.topic != topic.name:
                continue
            async for message in stretch(self.options, place, begin, end, self.progress):
                key = message.key or b""
                value = readable(kind, message.value) if key.startswith(prefix) or key == name else None
                if value is not None:
                    yield value, message


async def until(options: Mapping[str, Any], *topics: Topic, moment: datetime | None = None) -> Stretches:
    """Return the stretches of `topics` from their beginning to now, or to what was written by `moment`.

    Raises:
        KafkaAway: no broker answers.
    """
    whole = await bounds(options, await spots(options, *(it.name for it in topics)))
    if moment is None:
        return whole
    ends = await first_since(options, whole, moment)
    return {place: (begin, ends[place]) for place, (begin, _) in whole.items()}


async def delivered(options: Mapping[str, Any], partitions: int) -> dict[bytes, bytes]:
    """Return the id map of all partitions: what was delivered of each row.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    rows: dict[bytes, bytes] = {}
    for number in range(partitions):
        rows |= await rows_of(options, ID_MAP, number)
    return rows


async def sent(log: Log, wanted: set[tuple[RowKey, bytes]]) -> Sent:
    """Return the fields of the commands that are `wanted`, as far as they are kept."""
    found: dict[tuple[RowKey, bytes], Mapping[str, Field]] = {}
    if not wanted:
        return found
    async for command, _ in log.values(COMMANDS, Command):
        its = row_key(command.row), short(command)
        if its in wanted:
            found[its] = command.fields
    return found
