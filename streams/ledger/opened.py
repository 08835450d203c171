"""Which invoices are open, by number: in the head while they are few, in 64 buckets when they are many.

So a client with ten thousand open invoices costs a bucket per record, not a list of ten thousand.
"""

from bisect import bisect_left, insort
from typing import Final

import orjson

from streams.ledger.head import Head
from streams.ledger.shelf import Shelf

LISTED: Final = 100
"""How many open invoices are listed by number."""

_BUCKETS: Final = 64

Entry = tuple[int, str]


def admit(shelf: Shelf, head: Head, invoice: int, number: str) -> None:
    """Count an invoice among the open ones."""
    head.open += 1
    if head.open <= LISTED:
        head.numbers = _with(head.numbers, (invoice, number))
    elif head.open == LISTED + 1:
        _spill(shelf, _with(head.numbers, (invoice, number)))
        head.numbers = []
    else:
        name = _bucket(invoice)
        shelf.put(name, orjson.dumps(_with(_read(shelf, name), (invoice, number))))


def dismiss(shelf: Shelf, head: Head, invoice: int, number: str) -> None:
    """Count an open invoice no longer."""
    head.open -= 1
    if head.open < LISTED:
        head.numbers = _without(head.numbers, (invoice, number))
        return
    name = _bucket(invoice)
    shelf.put(name, orjson.dumps(_without(_read(shelf, name), (invoice, number))))
    if head.open == LISTED:
        head.numbers = _gathered(shelf)


def _spill(shelf: Shelf, entries: list[Entry]) -> None:
    buckets: dict[bytes, list[Entry]] = {}
    for entry in entries:
        buckets.setdefault(_bucket(entry[0]), []).append(entry)
    for name, held in buckets.items():
        shelf.put(name, orjson.dumps(held))


def _gathered(shelf: Shelf) -> list[Entry]:
    """Take everything out of the buckets."""
    found: list[Entry] = []
    for bucket in range(_BUCKETS):
        name = _bucket(bucket)
        if held := _read(shelf, name):
            found += held
            shelf.put(name, b"[]")
    return sorted(found)


def _read(shelf: Shelf, name: bytes) -> list[Entry]:
    return [(invoice, number) for invoice, number in orjson.loads(shelf.page(name) or b"[]")]


def _bucket(invoice: int) -> bytes:
    return b":o:%d" % (invoice % _BUCKETS)


def _with(entries: list[Entry], entry: Entry) -> list[Entry]:
    kept = [(invoice, number) for invoice, number in entries]
    insort(kept, entry)
    return kept


def _without(entries: list[Entry], entry: Entry) -> list[Entry]:
    kept = [(invoice, number) for invoice, number in entries]
    del kept[bisect_left(kept, entry)]
    return kept
