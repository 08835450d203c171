"""The books of one client, after some records."""

from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import Folded, fold


def folded(*records: Record) -> tuple[Books, list[Folded]]:
    """Return the books after the records, and what each did to them."""
    state: dict[bytes, bytes] = {}
    said = []
    for record in records:
        books = Books.opened(state, record.key)
        said.append(fold(books, record))
        if said[-1].changed:
            books.save()
    return Books.opened(state, "acme:7"), said
