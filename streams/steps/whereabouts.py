"""Where a FreshBooks object belongs, and belonged before: kept so that a vanished one can still be told."""

from dataclasses import dataclass, replace
from typing import Self

from streams.domain.identity import ClientId
from streams.domain.snapshot import Client, Gone, Invoice, Payment
from streams.ports import State


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The clients whose books ever held the object, the invoices it ever stood on; the present ones last.

    The former ones are told again with every reading: after a crash this may know of a move that the
    records do not show.
    """

    clients: tuple[int, ...] = ()
    invoices: tuple[int, ...] = ()
    brought_by: str = ""
    """For a client: the event that brought it; that event brings it again should it be read again.

    For a payment: the event that said last to whom it brought its invoices.
    """

    @classmethod
    def of(cls, state: State, key: str) -> Self:
        """Return what `state` knows of an object; nothing when it was never seen."""
        raw = state.get(key.encode(), b"").decode()
        if not raw:
            return cls()
        clients, invoices, brought_by = raw.split("|")
        return cls(_numbers(clients), _numbers(invoices), brought_by)

    def keep(self, state: State, key: str) -> None:
        """Write it down, unless it is known so."""
        raw = f"{_text(self.clients)}|{_text(self.invoices)}|{self.brought_by}".encode()
        if state.get(key.encode()) != raw:
            state[key.encode()] = raw

    @property
    def client(self) -> ClientId | None:
        """The client whose books hold the object now."""
        return ClientId(self.clients[-1]) if self.clients else None

    def learned(self, snapshot: Client | Invoice | Payment | Gone) -> "Whereabouts":
        """Return the whereabouts after `snapshot` was read."""
        match snapshot:
            case Client(id=client):
                return replace(self, clients=(client,))
            case Invoice(client=client):
                return replace(self, clients=_last(self.clients, client))
            case Payment(client=client, invoice=invoice):
                clients, invoices = _last(self.clients, client), _last(self.invoices, invoice)
                return replace(self, clients=clients, invoices=invoices)
            case Gone():
                return self

    def brought_to(self, client: int) -> "Whereabouts":
        """Return the whereabouts once it is known that the client's books were told of the object.

        When is not known: where others have it, they have it now.
        """
        return self if client in self.clients else replace(self, clients=(client, *self.clients))


def _last(known: tuple[int, ...], now: int) -> tuple[int, ...]:
    return (*(it for it in known if it != now), now)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


def _text(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
