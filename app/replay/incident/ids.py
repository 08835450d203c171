"""The ids of one client's stream, numbered anew."""

from collections.abc import Iterator, Sequence

from app.replay.incident.disguise import Names, Numbers
from streams.domain.identity import ClientId, Nonce, ObjectKind
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone, Invoice, Payment


class Ids:
    """Numbers that keep the order of the true ids, since the steps go by it, and names for the rest."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.clients = Numbers(it for record in records for it in _clients(record))
        self.invoices = Numbers(it for record in records for it in _invoices(record))
        self.payments = Numbers(it.object_id for it in records if it.object is ObjectKind.PAYMENT)
        self.records, self.events, self.rows = Names("record"), Names("event"), Names("row")
        self._demands = Numbers(int(record.nonce, 16) for record in records if record.nonce)

    def client(self, true: int) -> ClientId:
        """Return the number that stands for a client."""
        return ClientId(self.clients[true])

    def or_nobody(self, true: int | None) -> ClientId | None:
        """Return the number that stands for a client; nobody stays nobody."""
        return None if true is None else self.client(true)

    def object(self, kind: ObjectKind, true: int) -> int:
        """Return the number that stands for an object; 0 for one that no record names."""
        numbers = {
            ObjectKind.CLIENT: self.clients,
            ObjectKind.INVOICE: self.invoices,
            ObjectKind.PAYMENT: self.payments,
        }
        return numbers[kind].get(true)

    def demand(self, nonce: Nonce) -> Nonce:
        """Return what stands for a demand: a later one stays greater."""
        return f"{self._demands[int(nonce, 16)]:016x}" if nonce else ""


def _clients(it: Record) -> Iterator[int]:
    """Yield the clients that a record names."""
    yield it.client
    if it.object is ObjectKind.CLIENT:
        yield it.object_id
    if it.joined and it.joined.to is not None:
        yield it.joined.to
    match it.snapshot:
        case Invoice(client=client) | Payment(client=client):
            yield client
        case Client(id=client):
            yield client
        case Gone(moved_to=int(client)):
            yield client


def _invoices(it: Record) -> Iterator[int]:
    """Yield the invoices that a record names."""
    if it.object is ObjectKind.INVOICE:
        yield it.object_id
    match it.snapshot:
        case Invoice(id=invoice) | Payment(invoice=invoice):
            yield invoice
        case Share(numbers=numbers, latest=latest):
            yield from (which for which, _ in numbers)
            if latest:
                yield latest[1]
