"""Records of which something is said whenever they are read: of clients that were joined once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Final

from app.bench.ours import PARTITIONS
from app.bench.trade import BUSINESS
from app.kafka.partition import partition_of
from streams.domain.identity import ClientId, EventId, ObjectId, ObjectKind, RecordId, client_key, digest
from streams.domain.joined import Joined
from streams.domain.record import Record
from streams.domain.snapshot import Client
from streams.domain.version import version

CREATED: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
CHANGED: Final = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
_FIRST: Final = 900_000_000
"""Clients from here on are nobody's in the trade."""


def marks(at: datetime) -> Iterator[Record]:
    """Yield one record for each partition, always of the same client."""
    for partition in range(PARTITIONS):
        yield _mark(next(it for it in map(ClientId, count(_FIRST)) if _partition(it) == partition), at)


def _partition(client: ClientId) -> int:
    return partition_of(client_key(BUSINESS.name, client).encode(), PARTITIONS)


def _mark(client: ClientId, at: datetime) -> Record:
    named = f"{client} {at.isoformat()}"
    return Record(
        id=RecordId(digest("mark", named)),
        connection=BUSINESS.name,
        client=client,
        object=ObjectKind.CLIENT,
        object_id=client,
        version=version(at, at),
        read_at=at,
        cause=EventId(digest("mark's cause", named)),
        snapshot=Client(id=ObjectId(client), organization=f"Mark {client}"),
        joined=Joined(to=None, at=CREATED),
    )
