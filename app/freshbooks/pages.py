"""FreshBooks' lists come in pages; when the last one was read is told here, once for every kind."""

from dataclasses import dataclass
from typing import Any, Final

from app.freshbooks.door import result
from app.freshbooks.refused import Unreadable
from app.freshbooks.wire.document import Document

MOST_PAGES: Final = 20_000
"""Two million objects: a list that goes on beyond that is broken."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `last` tells that no further page is worth asking for."""

    items: tuple[Any, ...]
    last: bool
    total: int
    """How many rows FreshBooks says the whole list has: at the most, for some may be hidden from us."""


def page_of(found: Document, name: str, number: int) -> Page:
    """Return page `number` (from 1) of the list `name` that an answer holds.

    The last page is told by `page >= pages` or by being empty: `total` counts rows that the user may
    not read (facts, pitfall 3).

    Raises:
        Unreadable: it holds no such list, or the list does not end.
    """
    listed = result(found, "response", "result")
    items, pages = result(listed, name), listed.get("pages")
    if not isinstance(items, list):
        message = f"FreshBooks' {name} are no list"
        raise Unreadable(message)
    last = not items or (isinstance(pages, int) and number >= pages)
    if number >= MOST_PAGES and not last:
        message = f"FreshBooks' {name} do not end after {MOST_PAGES} pages"
        raise Unreadable(message)
    total = listed.get("total")
    return Page(tuple(items), last, total if isinstance(total, int) else len(items))
