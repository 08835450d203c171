"""A reconciliation as of a past moment: told by the log alone, and so the same for ever.

Neither vendor can be asked as of the past. But all that FreshBooks said until then stands in the log, and so
does every answer of Salesforce: what the books came to is held against what was acknowledged.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from app.reconcile.compare_books import explained
from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.live import families, name_of
from app.reconcile.money import NO_MONEY, Money, together
from app.reconcile.report import ClientMoney, Report, Side
from app.reconcile.told import Told, money_of, object_of
from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.ledger.joining import together as together_with

_KINDS = {
    SObject.OPPORTUNITY: ObjectKind.INVOICE,
    SObject.ORDER: ObjectKind.INVOICE,
    SObject.INVOICE: ObjectKind.INVOICE,
    SObject.LINES: ObjectKind.INVOICE,
}
_COUNTED = {ObjectKind.CLIENT: SObject.ACCOUNT, ObjectKind.INVOICE: SObject.OPPORTUNITY}
_WAITS = {Verdict.PARKED: Why.PARKED, Verdict.DEAD_LETTER: Why.DEAD}


async def acknowledged(told: Told, records: AsyncIterator[Record]) -> dict[ClientId, Money]:
    """Return what each client's books came to when Salesforce last acknowledged its Account.

    The records are folded once more, up to the revision that was acknowledged. No mapping is needed for it:
    tomorrow's tells of the past what today's does. Its own Account alone counts, not one that it shared; and
    while it shared one its own showed nothing.
    """
    upto: dict[ClientId, int] = {}
    for row, version in told.accepted.items():
        _, client, sobject, external_id = row.split(":", 3)
        if sobject == SObject.ACCOUNT and external_id.endswith(f":{client}"):
            upto[ClientId(int(client))] = version
    again, found = Told(), dict[ClientId, Money]()
    async for record in records:
        books = again.record(record)
        if books.head.revision <= upto.get(record.client, -1):
            found[record.client] = NO_MONEY if books.client.home else money_of(together_with(books))
    return found


def report(connection: str, moment: datetime, told: Told, acked: dict[ClientId, Money]) -> Report:
    """Return what the log tells of that moment."""
    waiting = [*_waiting(told)]
    clients = [*_clients(told, acked)]
    return Report(
        connection=connection,
        as_of=moment,
        live=False,
        differences=[*_unacknowledged(told, clients, waiting)],
        explained=waiting,
        counts=_counts(told),
        clients=clients,
    )


def _waiting(told: Told) -> Iterator[Explained]:
    """Yield what was on its way, waited or had failed at that moment."""
    for named in sorted(told.buried.keys() | told.unhandled.keys()):
        found = explained(Difference(Sort.DRIFT, named, ""), told)
        if found is not None:
            yield found
    for row, word in sorted(told.words.items()):
        named, its = _of(row)
        if word.verdict in _WAITS:
            yield Explained(_WAITS[word.verdict], named, word.says, its)
    for key in sorted(told.under_way):
        client = Named(ObjectKind.CLIENT, int(key.rpartition(":")[2]))
        yield Explained(Why.IN_FLIGHT, client, "commands of it had no answer yet")


def _clients(told: Told, acked: dict[ClientId, Money]) -> Iterator[ClientMoney]:
    for client, members in families(told, told.clients).items():
        known = told.objects.get(Named(ObjectKind.CLIENT, client))
        sides = {Side.LOG: together(told.money(it) for it in members)}
        if client in acked or (
            known is not None and known.live
        ):  # a deleted client's Account may be left alone
            sides[Side.SALESFORCE] = acked.get(client, NO_MONEY)
        yield ClientMoney(client, name_of(client, told.objects), sides)


def _unacknowledged(told: Told, clients: list[ClientMoney], waiting: list[Explained]) -> Iterator[Difference]:
    """Yield the clients whose sums Salesforce never acknowledged, though nothing was on its way."""
    waits = {told.home(ClientId(_client_of(told, it.named))) for it in waiting}
    for it in clients:
        known = told.objects.get(Named(ObjectKind.CLIENT, it.client))
        if not it.agrees and it.client not in waits and known is not None and known.live:
            says = "Salesforce acknowledged other sums than the books had"
            yield Difference(Sort.DRIFT, Named(ObjectKind.CLIENT, it.client), says)


def _client_of(told: Told, named: Named) -> int:
    """Return whose the object is; nobody's while only an event tells of it."""
    known = told.objects.get(named)
    if named.kind is ObjectKind.CLIENT:
        return named.number
    return known.client if known else 0


def _of(row: str) -> tuple[Named, str]:
    """Return the object that a row is about, and the row as people name it."""
    _, client, sobject, external_id = row.split(":", 3)
    kind = _KINDS.get(SObject(sobject), ObjectKind.CLIENT)
    named = object_of(external_id, kind) or Named(ObjectKind.CLIENT, int(client))
    return named, f"{sobject} {external_id}"


def _counts(told: Told) -> dict[str, dict[Side, int]]:
    """Return how many objects the log knew, and how many rows Salesforce had acknowledged."""
    counts: dict[str, dict[Side, int]] = {}
    for kind in ObjectKind:
        its = {Side.LOG: sum(named.kind is kind and it.live for named, it in told.objects.items())}
        if kind in _COUNTED:
            rows = (row.split(":", 3) for row in told.accepted)
            its[Side.SALESFORCE] = len({it for _, _, sobject, it in rows if sobject == _COUNTED[kind]})
        counts[f"{kind.value}s"] = its
    return counts
