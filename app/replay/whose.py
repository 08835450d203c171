"""Whose records go when a history is copied: those of a scope, and without whom they could not be written."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from app.replay.homes import Joins, latest
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.joined import Joined
from streams.domain.record import Record
from streams.domain.scope import Scope


@dataclass(slots=True)
class Whose:
    """What is learned of it by seeing all records once."""

    scope: Scope
    _clients: set[ClientId] = field(default_factory=set)
    _joined: dict[ClientId, Joined] = field(default_factory=dict)
    _invoice: Record | None = None
    """The newest word on the invoice that is meant, from the books that hold it."""
    _payments: set[int] = field(default_factory=set)
    """That ever were for that invoice: one that is gone does not say any more for which it was."""

    def see(self, record: Record) -> None:
        """Take note of a record, in any order."""
        if self.scope.wants(record):
            self._clients.add(record.client)
            if self.scope.kind is ObjectKind.INVOICE and record.object is ObjectKind.PAYMENT:
                self._payments.add(record.object_id)
            if record.object is ObjectKind.INVOICE and not record.moved_away:
                known = self._invoice
                self._invoice = record if known is None or record.version >= known.version else known
        if record.joined is not None:
            self._joined[record.client] = latest(self._joined.get(record.client), record.joined)

    @property
    def clients(self) -> AbstractSet[ClientId]:
        """The clients whose records go: of one invoice, the client whose it is by now."""
        if self.scope.kind is not ObjectKind.INVOICE:
            return self._clients
        return set() if self._invoice is None else {self._invoice.client}

    @property
    def joins(self) -> Joins:
        """What was decided last of each of them of whom anything was."""
        clients = self.clients
        return {client: it for client, it in self._joined.items() if client in clients}

    def goes(self, record: Record, clients: AbstractSet[ClientId]) -> bool:
        """Tell whether a record goes along with these `clients`.

        The client does of whom only an invoice was asked for, or its rows would miss their Account. Of one
        that had the invoice before, only the word that it went goes: where it was copied earlier it lets go.
        """
        if not clients or not self._wants(record):
            return record.object is ObjectKind.CLIENT and record.client in clients
        went = self.scope.kind is ObjectKind.INVOICE and record.moved_away
        return went or record.client in clients

    def _wants(self, record: Record) -> bool:
        its_payment = record.object is ObjectKind.PAYMENT and record.object_id in self._payments
        return its_payment or self.scope.wants(record)
