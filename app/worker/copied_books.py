"""Books of connections that read none: a history was copied into them, and their log has what was said."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import stamina
from aiokafka import TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import bounds, stretch
from app.kafka.partition import partition_of
from streams.codec import readable
from streams.domain.errors import Unreachable
from streams.domain.identity import ClientId, ConnectionName, ObjectKind, client_key
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.domain.version import changed_by
from streams.ports import Books, Reading
from streams.topics import RECORDS


@dataclass(frozen=True, slots=True)
class CopiedBooks:
    """The port `Books`: of a connection without FreshBooks the newest record of an object is its answer.

    So an Account that was deleted in the goal's org, or an invoice that went to another client, is told anew.
    What was never copied is asked of `books`, which wait for a person to connect them.
    """

    books: Books
    reads_books: Callable[[ConnectionName], bool]
    newest: Callable[[ConnectionName, ObjectKind, int], Awaitable[Record | None]]

    async def read(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is now, or as it was when it was copied last.

        Raises:
            Removed, Permanent: as `books` does.
        """
        if not self.reads_books(connection):
            record = await self.newest(connection, kind, object_id)
            if record is not None and not isinstance(record.snapshot, Share):
                return Reading(record.snapshot, changed_by(record.version), record.read_at)
        return await self.books.read(connection, kind, object_id)


@stamina.retry(on=Unreachable, attempts=None, timeout=None, wait_max=60.0)
async def newest_record(
    options: Mapping[str, Any], connection: ConnectionName, kind: ObjectKind, object_id: int
) -> Record | None:
    """Return the newest that the log says of an object, None when nothing; goes through all that may say it.

    A client has one partition, the others' clients are not known: such questions are rare, and not fast. What
    cannot be meant is not decoded.
    """
    places = await spots(options, RECORDS.name)
    if kind is ObjectKind.CLIENT:
        key = client_key(connection, ClientId(object_id)).encode()
        places = [TopicPartition(RECORDS.name, partition_of(key, len(places)))]
    ours, number = f"{connection}:".encode(), b'"object_id":%d' % object_id
    found: Record | None = None
    for place, (begin, end) in (await bounds(options, places)).items():
        async for message in stretch(options, place, begin, end):
            if (message.key or b"").startswith(ours) and number in (message.value or b""):
                found = newer_of(found, readable(Record, message.value), (kind, object_id))
    return found


def newer_of(known: Record | None, said: Record | None, wanted: tuple[ObjectKind, int]) -> Record | None:
    """Return the newer word on what is wanted; that it went elsewhere is none: there it is told, too."""
    if said is None or (said.object, said.object_id) != wanted or isinstance(said.snapshot, Share):
        return known
    if isinstance(said.snapshot, Gone) and said.snapshot.moved_to is not None:
        return known
    return said if known is None or said.version >= known.version else known
