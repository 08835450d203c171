"""What FreshBooks' lists show, all of them: a hundred objects a call."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from app.freshbooks.client import Listed, listed
from app.freshbooks.refused import Unreadable
from app.freshbooks.wire.reading import reading
from app.poll.backfill import SHELVES
from app.reconcile.difference import Named
from app.reconcile.money import Money, Till
from app.reconcile.seen import UNREADABLE, Seen, moment_of, seen
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.snapshot import Invoice, Payment


class WholeLists(Protocol):
    """FreshBooks' lists, with all that they say of each object."""

    def items(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> AsyncIterator[Any]:
        """Yield the objects of a list as FreshBooks sends them; deleted ones are listed apart.

        Raises:
            Permanent: FreshBooks refuses the list.
        """
        ...


@dataclass(slots=True)
class Shown:
    """Everything that FreshBooks listed, from a moment on."""

    began: datetime
    """What the log read from FreshBooks since then is newer than the lists."""
    objects: dict[Named, Seen] = field(default_factory=dict)
    stamps: dict[Named, str] = field(default_factory=dict)

    def take(self, kind: ObjectKind, item: Any) -> None:
        """Take the next object of a list; one that we cannot read is there all the same."""
        found = listed(kind, item)
        named = Named(kind, found.object_id)
        self.stamps[named] = found.stamp
        self.objects[named] = self._seen(found, item)

    def money(self, day_of: Callable[[ClientId], date]) -> dict[ClientId, Money]:
        """Return what each client's invoices come to on its own day."""
        tills: dict[ClientId, Till] = {}
        for its in self.objects.values():
            if its.owed:
                client = ClientId(its.client)
                tills.setdefault(client, Till()).put(its.owed.on(day_of(client)))
        return {client: till.money for client, till in tills.items()}

    def _seen(self, found: Listed, item: Any) -> Seen:
        with suppress(Unreadable):
            read = reading(found.kind, item, self.began)
            its = read.snapshot
            client = its.client if isinstance(its, Invoice | Payment) else found.object_id
            return seen(its, moment_of(read.changed_at), self.began, client)
        return UNREADABLE


async def shown(
    lists: WholeLists, connection: ConnectionName, began: datetime, progress: Callable[[int], object]
) -> Shown:
    """Go through all lists of an account once; `progress` hears how many objects there were so far.

    Raises:
        Permanent: FreshBooks refuses a list.
    """
    found = Shown(began)
    for kind, deleted in SHELVES:
        async for item in lists.items(connection, kind, None, deleted=deleted):
            found.take(kind, item)
            progress(len(found.objects))
    return found
