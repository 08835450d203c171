"""Time travel: a client's rows as they were derived from what was known at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, stretch
from app.kafka.partition import partition_of
from streams.codec import readable
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, client_key
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import fold
from streams.mapping.row import Row
from streams.mapping.rows import every
from streams.mapping.rules import Rules
from streams.topics import RECORDS

Rows = Mapping[tuple[SObject, str], Row]
"""By object and external id."""


@dataclass
class Past:
    """One client's books, opened at the first record and carried on to a moment."""

    connection: Connection
    client: ClientId
    records: int = 0

    def __post_init__(self) -> None:
        self.key = client_key(self.connection.name, self.client)
        self._rules = Rules.of(self.connection)
        self._ledger: dict[bytes, bytes] = {}

    def learn(self, record: Record) -> None:
        """Enter the next record of the client."""
        books = Books.opened(self._ledger, self.key)
        if fold(books, record, lines=self._rules.mapping.lines).changed:
            books.save()
        self.records += 1

    def books(self) -> Books:
        """Return the books as they are now, for a look or a trial."""
        return Books.opened(self._ledger, self.key)

    def rows(self, books: Books | None = None) -> Rows:
        """Return the rows that the books, or those of a trial, call for by today's mapping.

        Raises:
            MappingFailed: the mapping has no result for one of them.
        """
        books = books or self.books()
        return {(row.sobject, row.external_id): row for row in every(self._rules, self.client, books)}


async def as_of(
    options: Mapping[str, Any], past: Past, moments: tuple[datetime, ...], progress: Progress
) -> list[Rows]:
    """Return the rows of a client at each of `moments`, which are in order: what was in the log by then.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
        MappingFailed: today's mapping has no result for one of the rows.
    """
    count = len(await spots(options, RECORDS.name))
    place = TopicPartition(RECORDS.name, partition_of(past.key.encode(), count))
    begin, end = (await bounds(options, [place]))[place]
    waiting, found = [*moments], list[Rows]()
    async for message in stretch(options, place, begin, end, progress):
        while waiting and message.timestamp > waiting[0].timestamp() * 1000:
            found.append(past.rows())
            waiting.pop(0)
        record = readable(Record, message.value) if message.key == past.key.encode() else None
        if record is not None and waiting:
            past.learn(record)
    return [*found, *(past.rows() for _ in waiting)]
