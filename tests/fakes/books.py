"""A FreshBooks in memory that answers reads as streams.ports.Books promises: for steps and simulations."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from streams.domain.errors import Permanent
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.snapshot import Client, Gone, Invoice, Payment, Snapshot, Visibility
from streams.ports import Reading

Name = tuple[ConnectionName, ObjectKind, int]
"""Connection, kind and id: the one object meant."""

Moment = Callable[[Name], Awaitable[None]]


async def at_once(_: Name) -> None:
    """Let no time pass."""


@dataclass
class FakeBooks:
    """Objects by id. `before` and `after` are awaited around the look at them: let them sleep to be slow."""

    now: Callable[[], datetime]
    before: Moment = at_once
    after: Moment = at_once
    objects: dict[Name, tuple[Snapshot, datetime]] = field(default_factory=dict)
    refused: dict[Name, Permanent] = field(default_factory=dict)
    """What a read of an object ends in, instead of an answer."""
    reads: list[Name] = field(default_factory=list)
    copied: datetime | None = None
    """When all that is here was read, if a log tells it again in the place of FreshBooks."""
    _latest: datetime | None = None

    def put(self, connection: ConnectionName, it: Client | Invoice | Payment) -> None:
        """Create or change an object; two changes never share a moment."""
        self.objects[connection, ObjectKind(it.kind), it.id] = (it, self._moment())

    def vanish(self, connection: ConnectionName, kind: ObjectKind, number: int) -> None:
        """Let FreshBooks answer 404 for an object from now on."""
        self.objects.pop((connection, kind, number), None)

    async def read(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is when FreshBooks looks; what is not there is dated by the look."""
        name = (connection, kind, object_id)
        self.reads.append(name)
        await self.before(name)
        if name in self.refused:
            raise self.refused[name]
        read_at = self._moment()
        snapshot, changed_at = self.objects.get(name, (Gone(), read_at))
        if isinstance(snapshot, Gone) or snapshot.visibility is Visibility.DELETED:
            changed_at = read_at
        await self.after(name)
        if self.copied is not None:
            return Reading(snapshot, changed_at, self.copied, told_at=read_at)
        return Reading(snapshot, changed_at, read_at)

    def _moment(self) -> datetime:
        """Return now, or a moment after the last one handed out."""
        now = self.now()
        if self._latest is not None and now <= self._latest:
            now = self._latest + timedelta(microseconds=1)
        self._latest = now
        return now
