"""Read what an event is about, and write it down under its client: the last question put to FreshBooks."""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final
from weakref import WeakValueDictionary

from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.errors import Removed
from streams.domain.event import Event, EventSource
from streams.domain.identity import ClientId, Nonce, ObjectKind, RecordId, demanded_at, digest, object_key
from streams.domain.joined import Joined
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone, Invoice, Payment
from streams.domain.version import version
from streams.ports import NO_JOINS, Joins, Reading, State
from streams.steps.brought import brought, looked_for, noted
from streams.steps.reads import Reads, Shared
from streams.steps.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True)
class Found:
    """What FreshBooks said because of one event."""

    own: Shared
    reading: Reading
    where: Whereabouts
    invoices: dict[int, Reading] = field(default_factory=dict)
    """For a payment: the invoices it stands or stood on."""
    client: Reading | None = None
    """The client, when it was not yet known here."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Nothing is read: it is noted which client's books were told of an invoice."""

    where: Whereabouts


class Ended:
    """The connection was removed: nothing is read for it any more."""


ENDED: Final = Ended()
Answer = Found | Noted | Ended
Asked = asyncio.Task[Answer]


@dataclass(slots=True)
class Fetch:
    """events → records. A payment brings its invoice, and either brings a client that was never seen.

    To whom it brought that is said under the invoice's own key: should it have gone to another client before
    its own first event, nobody else could tell the one it left.
    """

    reads: Reads
    clients_of: State
    joins: Joins = NO_JOINS
    _asked: "WeakValueDictionary[str, Asked]" = field(default_factory=WeakValueDictionary)
    """The newest question under way of each object."""

    def ask(self, event: Event) -> Awaitable[Answer]:
        """Start to read what `event` is about, and what must come with it."""
        before = self._asked.get(event.key)
        if event.brought_to is not None:
            task: Asked = asyncio.ensure_future(self._noted(event, event.brought_to, before))
        else:
            own = self.reads.fresh((event.connection, event.object, event.object_id))
            task = asyncio.ensure_future(self._unless_removed(event, own, before))
        self._asked[event.key] = task
        return task

    def __call__(self, event: Event, found: Answer) -> Iterator[Record | Event | AuditEntry]:
        """Yield the records of what was found, and one entry that says so."""
        if isinstance(found, Ended):
            yield _said(event, Whereabouts(), (), Verdict.IGNORED, "the connection was removed")
            return
        known = Whereabouts.of(self.clients_of, event.key)
        if isinstance(found, Noted):
            yield from self._note(event, known)
            return
        where = known.learned(found.reading.snapshot)
        if event.object is ObjectKind.CLIENT:
            where = Whereabouts((event.object_id,))
        if not where.clients:
            yield _said(event, where, (), Verdict.SUPERSEDED, "FreshBooks never told us its client")
            return
        joined = found.own.told
        coalesced = joined is not None and not event.alone
        records = () if coalesced else tuple(self._records(event, found, where))
        said = () if coalesced else tuple(_brought(event, found, known, where))
        if said:
            where = replace(where, brought_by=event.id)
        where.keep(self.clients_of, event.key)
        yield from records
        yield from said
        told = found.own.told = (joined if coalesced else None) or tuple(record.id for record in records)
        yield _said(event, where, told, coalesced=coalesced)

    def _note(self, event: Event, known: Whereabouts) -> Iterator[Event | AuditEntry]:
        """Note whose books were told of an invoice; if it is another one's by now, let it be read."""
        assert event.brought_to is not None
        where = known.brought_to(event.brought_to)
        where.keep(self.clients_of, event.key)
        if where.client != event.brought_to:
            yield looked_for(event)
        yield noted(event)

    async def _noted(self, event: Event, client: ClientId, before: Asked | None) -> Noted:
        return Noted((await self._known(event, before)).brought_to(client))

    async def _unless_removed(self, event: Event, own: Shared, before: Asked | None) -> Found | Ended:
        if event.source is EventSource.MATCH:
            await self.joins.caught_up()  # what was decided just now is what the record must show
        try:
            return await self._found(event, own, before)
        except Removed:
            return ENDED

    async def _found(self, event: Event, own: Shared, before: Asked | None) -> Found:
        reading = await own
        known = await self._known(event, before)
        where = known.learned(reading.snapshot)
        client = self._unseen(event, where)
        wanted = [self.reads.fresh((event.connection, ObjectKind.INVOICE, it)) for it in where.invoices]
        invoices = {it: await shared for it, shared in zip(where.invoices, wanted, strict=True)}
        return Found(own, reading, where, invoices, await client if client else None)

    async def _known(self, event: Event, before: Asked | None) -> Whereabouts:
        """Return the whereabouts as the question before this one left them, though it may not be told yet."""
        if before is not None:
            await asyncio.wait({before})
            if not before.cancelled() and before.exception() is None:
                found = before.result()
                if isinstance(found, Found | Noted):
                    return found.where
        return Whereabouts.of(self.clients_of, event.key)

    def _unseen(self, event: Event, where: Whereabouts) -> Shared | None:
        """Start to read the client, unless another event brought it."""
        if where.client is None or event.object is ObjectKind.CLIENT:
            return None
        key = object_key(event.connection, ObjectKind.CLIENT, where.client)
        if self._was_brought(key, event):
            return None
        return self.reads.fresh((event.connection, ObjectKind.CLIENT, where.client))

    def _was_brought(self, key: str, event: Event) -> bool:
        known = Whereabouts.of(self.clients_of, key)
        return bool(known.clients) and known.brought_by != event.id

    def _records(self, event: Event, found: Found, where: Whereabouts) -> Iterator[Record]:
        """Yield the client first, then the invoices, then the object itself."""
        now = ClientId(where.clients[-1])
        key = object_key(event.connection, ObjectKind.CLIENT, now)
        if found.client is not None and not self._was_brought(key, event):
            Whereabouts((now,), brought_by=event.id).keep(self.clients_of, key)
            yield self._of_client(event, now, found.client)
        for invoice, reading in found.invoices.items():
            yield _record(event, ObjectKind.INVOICE, invoice, _client_of(reading, now), reading)
        if event.object is ObjectKind.CLIENT:
            yield self._of_client(event, now, found.reading, whole=event.whole)
        else:
            yield _record(event, event.object, event.object_id, now, found.reading, whole=event.whole)
        for former in where.clients[:-1]:
            yield _record(event, event.object, event.object_id, ClientId(former), _moved(found.reading, now))

    def _of_client(self, event: Event, now: ClientId, reading: Reading, *, whole: bool = False) -> Record:
        joined = self.joins.of(event.connection, now)
        return _record(event, ObjectKind.CLIENT, now, now, reading, whole=whole, joined=joined)


def _brought(event: Event, found: Found, known: Whereabouts, where: Whereabouts) -> Iterator[Event]:
    now = ClientId(where.clients[-1])
    invoices = {invoice: _client_of(reading, now) for invoice, reading in found.invoices.items()}
    yield from brought(event, invoices, known, where)


def _client_of(reading: Reading, otherwise: ClientId) -> ClientId:
    match reading.snapshot:
        case Invoice(client=client) | Payment(client=client):
            return client
        case Client() | Gone():
            return otherwise


def _moved(reading: Reading, to: ClientId) -> Reading:
    """Return the reading as a former client's books need it: the present one's, also when it is gone."""
    return Reading(Gone(moved_to=to), reading.changed_at, reading.read_at)


def _record(  # noqa: PLR0913  # one record, all its parts
    event: Event,
    kind: ObjectKind,
    number: int,
    client: ClientId,
    reading: Reading,
    *,
    whole: bool = False,
    joined: Joined | None = None,
) -> Record:
    """Return the record; its id is that of the cause and the content, whenever it was read.

    What is demanded is demanded of the client that has the object now.
    """
    away = isinstance(reading.snapshot, Gone) and reading.snapshot.moved_to is not None
    content = encode(reading.snapshot).decode()
    parts = ("record", event.id, kind.value, str(number), str(client), content)
    decided = () if joined is None else (encode(joined).decode(),)
    return Record(
        id=RecordId(digest(*parts, *decided)),
        connection=event.connection,
        client=client,
        object=kind,
        object_id=number,
        version=version(reading.changed_at, reading.read_at),
        read_at=reading.read_at,
        cause=event.id,
        snapshot=reading.snapshot,
        whole=whole,
        nonce="" if away else _demand(event, kind, reading),
        joined=joined,
    )


def _demand(event: Event, kind: ObjectKind, reading: Reading) -> Nonce:
    """Return the demand that the record carries on.

    Of an invoice that was handed over it is as new as the answer: whoever had it before may have written
    its row after that was demanded of another one. So is what the log tells again, or what an org loses a
    second time would not be demanded a second time.
    """
    handed_over = kind is ObjectKind.INVOICE or reading.told_at is not None
    if event.source is EventSource.SHARED and handed_over:
        return demanded_at(reading.told_at or reading.read_at)
    return event.nonce


def _said(  # noqa: PLR0913  # one entry, all its parts
    event: Event,
    where: Whereabouts,
    records: tuple[RecordId, ...],
    verdict: Verdict = Verdict.FETCHED,
    rule: str = "",
    *,
    coalesced: bool = False,
) -> AuditEntry:
    """Return what fetch says of `event`: enough to verify the webhook again, and what followed from it."""
    details = event.model_dump(mode="json", include={"source", "received_at", "action", "webhook"})
    return AuditEntry(
        id=audit_id(Step.FETCH, verdict, event.id),
        connection=event.connection,
        client=where.client,
        step=Step.FETCH,
        verdict=verdict,
        cause=event.id,
        caused=records,
        object=event.object,
        object_id=event.object_id,
        rule=rule,
        details={**details, "coalesced": coalesced},
    )
