"""Every invoice of a client, for what concerns them all: a new name, an undone match, a recount."""

from collections.abc import Iterator
from typing import Final

import orjson

from streams.ledger.head import Head
from streams.ledger.shelf import Shelf

_PER_PAGE: Final = 128


def enlist(shelf: Shelf, head: Head, invoice: int) -> None:
    """Add an invoice that the books did not know; it stays for ever."""
    name = _name(head.invoices // _PER_PAGE)
    shelf.put(name, orjson.dumps([*orjson.loads(shelf.page(name) or b"[]"), invoice]))
    head.invoices += 1


def listed(shelf: Shelf, head: Head) -> Iterator[int]:
    """Yield the ids of all invoices, in the order in which they were first seen."""
    for page in range(-(-head.invoices // _PER_PAGE)):
        yield from orjson.loads(shelf.page(_name(page)))


def _name(page: int) -> bytes:
    return b":n:%d" % page
