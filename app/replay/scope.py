"""Whose messages a replay is about: a connection's, or those of one of its clients or invoices."""

from dataclasses import dataclass
from typing import Self

from streams.domain.errors import Misconfigured
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Payment


@dataclass(frozen=True, slots=True)
class Scope:
    """A connection, and what of it."""

    connection: ConnectionName
    kind: ObjectKind | None = None
    number: int = 0

    @classmethod
    def of(cls, connection: ConnectionName, only: str) -> Self:
        """Return the scope that `only` (`client:7`, `invoice:123`, nothing) names.

        Raises:
            Misconfigured: it names nothing that can be replayed by itself.
        """
        if not only:
            return cls(connection)
        kind, _, number = only.partition(":")
        if (
            kind not in {ObjectKind.CLIENT, ObjectKind.INVOICE}
            or not number.isascii()
            or not number.isdigit()
        ):
            message = f"{only!r} is neither client:NUMBER nor invoice:NUMBER"
            raise Misconfigured(message, "a payment's rows are those of its invoice", "bad-scope")
        return cls(connection, ObjectKind(kind), int(number))

    @property
    def only(self) -> str:
        """The part as people write it; empty for the whole connection."""
        return f"{self.kind.value}:{self.number}" if self.kind else ""

    def may_want(self, key: bytes | None) -> bool:
        """Tell by its key whether a record or a command may be meant; `wants` tells for certain."""
        name = self.connection.encode()
        if self.kind is ObjectKind.CLIENT:
            return key == b"%b:%d" % (name, self.number)
        return (key or b"").startswith(b"%b:" % name)

    def wants(self, record: Record) -> bool:
        """Tell whether a record is meant: all of a client's, or an invoice with its payments."""
        match self.kind:
            case None:
                return record.connection == self.connection
            case ObjectKind.CLIENT:
                return (record.connection, record.client) == (self.connection, self.number)
            case _:
                return record.connection == self.connection and self.number == _invoice_of(record)


def _invoice_of(record: Record) -> int | None:
    if isinstance(record.snapshot, Payment):
        return record.snapshot.invoice
    return record.object_id if record.object is ObjectKind.INVOICE else None
