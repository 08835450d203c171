"""Books of connections that read none: a history was copied into them, and their log has what was said."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.domain.version import changed_by
from streams.loop.contract import Clock
from streams.ports import Books, Reading

Newest = Callable[[ConnectionName, ObjectKind, int], Awaitable[Record | None]]


@dataclass(frozen=True, slots=True)
class CopiedBooks:
    """The port `Books`: where a history was copied into a connection, its newest record is the answer.

    So an Account that was deleted in the goal's org, or an invoice that went to another client, is told anew.
    What was never copied is asked of `books`, which wait for a person to connect them.
    """

    books: Books
    connections: Mapping[str, Connection]
    newest: Newest
    clock: Clock

    async def read(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is now, or as it was when it was copied last.

        Raises:
            Removed, Permanent: as `books` does.
        """
        known = self.connections.get(connection)
        if known is not None and known.copied and not known.removed:
            record = await self.newest(connection, kind, object_id)
            if record is not None and not isinstance(record.snapshot, Share):
                changed_at = changed_by(record.version)
                return Reading(record.snapshot, changed_at, record.read_at, told_at=self.clock())
        return await self.books.read(connection, kind, object_id)
