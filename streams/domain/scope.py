"""Whose messages a replay is about: a connection's, or those of one of its clients or invoices."""

from dataclasses import dataclass
from typing import Self

from streams.domain.command import Command
from streams.domain.errors import Misconfigured
from streams.domain.event import Event
from streams.domain.identity import ClientId, ConnectionName, ObjectKind, client_key, object_key
from streams.domain.message import Value
from streams.domain.record import Record
from streams.domain.replay import Source
from streams.domain.snapshot import Payment


@dataclass(frozen=True, slots=True)
class Scope:
    """A connection, and what of it."""

    connection: ConnectionName
    kind: ObjectKind | None = None
    number: int = 0

    @classmethod
    def of(cls, connection: ConnectionName, only: str, source: Source = Source.RECORDS) -> Self:
        """Return the scope that `only` (`client:7`, `invoice:123`, nothing) names.

        Raises:
            Misconfigured: it names nothing that can be replayed by itself.
        """
        if not only:
            return cls(connection)
        kind, _, number = only.partition(":")
        known = kind in {ObjectKind.CLIENT, ObjectKind.INVOICE}
        if not known or not number.isascii() or not number.isdigit():
            message = f"{only!r} is neither client:NUMBER nor invoice:NUMBER"
            raise Misconfigured(message, "a payment's rows are those of its invoice", "bad-scope")
        if kind == ObjectKind.INVOICE and source is Source.COMMANDS:
            message = "a command knows its client only"
            raise Misconfigured(message, "replay the client, or from the records", "bad-scope")
        return cls(connection, ObjectKind(kind), int(number))

    @property
    def only(self) -> str:
        """The part as people write it; empty for the whole connection."""
        return f"{self.kind.value}:{self.number}" if self.kind else ""

    def may_want(self, key: bytes | None, source: Source = Source.RECORDS) -> bool:
        """Tell by its key whether a message may be meant; `wants` tells for certain."""
        if self.kind is not None and source is Source.EVENTS:
            return key == object_key(self.connection, self.kind, self.number).encode()
        if self.kind is ObjectKind.CLIENT:
            return key == client_key(self.connection, ClientId(self.number)).encode()
        return (key or b"").startswith(f"{self.connection}:".encode())

    def wants(self, message: Value) -> bool:
        """Tell whether a message is meant: all of a client's, or an invoice with its payments."""
        match message:
            case Record():
                return self._wants(message)
            case Event() | Command():
                return self.may_want(message.key.encode(), _SOURCE[type(message)])
            case _:
                return False

    def _wants(self, record: Record) -> bool:
        if not self.may_want(record.key.encode()):
            return False
        return self.kind is not ObjectKind.INVOICE or _invoice_of(record) == self.number


_SOURCE = {Event: Source.EVENTS, Command: Source.COMMANDS}


def _invoice_of(record: Record) -> int | None:
    if isinstance(record.snapshot, Payment):
        return record.snapshot.invoice
    return record.object_id if record.object is ObjectKind.INVOICE else None
