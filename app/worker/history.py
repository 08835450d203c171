"""The newest word of the log on single objects: one walk through it answers all who ask by then."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

import stamina
import structlog
from aiokafka import TopicPartition

from app.kafka.log import bounds, stretch
from app.kafka.partition import partition_of
from streams.codec import readable
from streams.domain.errors import Unreachable
from streams.domain.identity import ClientId, ConnectionName, ObjectKind, client_key
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.topics import RECORDS

Wanted = tuple[ConnectionName, ObjectKind, int]
Newest = dict[Wanted, Record]

_log = structlog.get_logger(__name__)
_NUMBER: Final = re.compile(rb'"object_id":(\d+)')
"""As the codec writes it: what cannot be meant is not decoded. Within a text its quotes are escaped."""


@dataclass(slots=True)
class History:
    """Questions to the log. There is one walk at a time: whoever asks while it lasts waits for the next."""

    walk: Callable[[AbstractSet[Wanted]], Awaitable[Newest]]
    _asked: set[Wanted] = field(default_factory=set)
    _next: "asyncio.Task[Newest] | None" = None
    _under_way: "asyncio.Task[Newest] | None" = None

    async def newest(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Record | None:
        """Return the newest record of an object that was written before this call; None where none is."""
        wanted = connection, kind, object_id
        self._asked.add(wanted)
        if self._next is None:
            self._next = asyncio.create_task(self._walked(self._under_way))
        return (await asyncio.shield(self._next)).get(wanted)

    async def _walked(self, before: "asyncio.Task[Newest] | None") -> Newest:
        if before is not None:
            await asyncio.wait({before})
        asked, self._asked = self._asked, set()
        self._under_way, self._next = self._next, None
        return await self.walk(asked)


def _passes(error: Exception) -> bool:
    """Tell whether to begin the walk once more, and say so: it may have been a long one."""
    if not isinstance(error, Unreachable):
        return False
    _log.warning("history-walked-again", reason=str(error))
    return True


@stamina.retry(on=_passes, attempts=None, timeout=None, wait_max=60.0)
async def walk(options: Mapping[str, Any], partitions: int, asked: AbstractSet[Wanted]) -> Newest:
    """Return the newest record of each object, read from all partitions that may have one."""
    found, numbers = Newest(), numbers_of(asked)
    places = [TopicPartition(RECORDS.name, number) for number in places_of(asked, partitions)]
    for place, (begin, end) in (await bounds(options, places)).items():
        async for message in stretch(options, place, begin, end):
            if may_tell(message.key, message.value, numbers):
                take(found, asked, readable(Record, message.value))
    return found


def places_of(asked: AbstractSet[Wanted], partitions: int) -> list[int]:
    """Return the partitions that may tell: a client has its own, of others the client is not known."""
    if any(kind is not ObjectKind.CLIENT for _, kind, _ in asked):
        return [*range(partitions)]
    keys = (client_key(connection, ClientId(number)) for connection, _, number in asked)
    return sorted({partition_of(key.encode(), partitions) for key in keys})


def numbers_of(asked: AbstractSet[Wanted]) -> Mapping[bytes, AbstractSet[int]]:
    """Return the numbers of the objects that are asked for, by connection."""
    found: dict[bytes, set[int]] = {}
    for connection, _, number in asked:
        found.setdefault(connection.encode(), set()).add(number)
    return found


def may_tell(key: bytes | None, value: bytes | None, numbers: Mapping[bytes, AbstractSet[int]]) -> bool:
    """Tell by its bytes whether a message may be a record of what is asked for."""
    its = numbers.get((key or b"").partition(b":")[0])
    named = _NUMBER.search(value or b"") if its else None
    return its is not None and named is not None and int(named[1]) in its


def take(found: Newest, asked: AbstractSet[Wanted], said: Record | None) -> None:
    """Note what a record says, if it is newer; not that its object went elsewhere: there it is told."""
    if said is None or said.moved_away or isinstance(said.snapshot, Share):
        return
    its = said.connection, said.object, said.object_id
    if its in asked and (its not in found or said.version >= found[its].version):
        found[its] = said
