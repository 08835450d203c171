"""One client's books: what is known of it, its invoices and its payments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from streams.ledger.head import Head
from streams.ledger.listing import listed
from streams.ledger.pages import ClientPage, InvoicePage, PaymentPage, invoice_name
from streams.ledger.shelf import Shelf
from streams.ports import State

_CLIENT = b":c"


@dataclass(slots=True)
class Books:
    """The books of one client, opened for one record. Changes are kept once `save` is called."""

    shelf: Shelf
    head: Head
    client: ClientPage
    _invoices: dict[int, InvoicePage] = field(default_factory=dict)

    @classmethod
    def opened(cls, state: State, key: str) -> Self:
        """Return the books that `state` holds under a client's key."""
        shelf = Shelf.opened(state, key.encode())
        return cls(shelf, Head.read(shelf.head), ClientPage.read(shelf.page(_CLIENT)))

    def knows(self, number: int) -> bool:
        """Tell whether the invoice with this id was ever seen, or named by a payment."""
        return bool(self.shelf.page(invoice_name(number)))

    def invoice(self, number: int) -> InvoicePage:
        """Return the page of the invoice with this id; an empty one when it was never seen."""
        page = self._invoices.get(number)
        if page is None:
            page = self._invoices[number] = InvoicePage.read(self.shelf.page(invoice_name(number)))
        return page

    def payment(self, number: int) -> PaymentPage:
        """Return the page of the payment with this id; an empty one when it was never seen."""
        return PaymentPage.read(self.shelf.page(b":p:%d" % number))

    def invoices(self) -> Iterator[int]:
        """Yield the ids of all invoices of this client, the vanished ones too."""
        return listed(self.shelf, self.head)

    def share(self, member: int) -> bytes:
        """Return what the books of a client that is joined to this one last told; empty when nothing."""
        return self.shelf.page(b":m:%d" % member)

    def put_share(self, member: int, raw: bytes) -> None:
        """Keep what a joined client's books told."""
        self.shelf.put(b":m:%d" % member, raw)

    def put_client(self) -> None:
        """Keep the client's page as it is now."""
        self.shelf.put(_CLIENT, self.client.written())

    def put_invoice(self, number: int) -> None:
        """Keep an invoice's page as it is now."""
        self.shelf.put(invoice_name(number), self._invoices[number].written())

    def put_payment(self, number: int, page: PaymentPage) -> None:
        """Keep a payment's page as it is now."""
        self.shelf.put(b":p:%d" % number, page.written())

    def save(self) -> None:
        """Write what changed, so that a crash in the middle loses nothing."""
        self.shelf.save(self.head.written())
