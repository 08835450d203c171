"""Where each kind of object stands in FreshBooks' REST API (facts, section 3)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from streams.domain.identity import ClientId, ObjectKind


@dataclass(frozen=True, slots=True)
class Shelf:
    """The path of a kind's list and the names of its envelope."""

    path: str
    one: str
    many: str
    includes: tuple[tuple[str, str], ...] = ()
    """Asked for with each single object."""


_SHELVES: Final = {
    ObjectKind.CLIENT: Shelf("users/clients", "client", "clients"),
    ObjectKind.INVOICE: Shelf("invoices/invoices", "invoice", "invoices", (("include[]", "lines"),)),
    ObjectKind.PAYMENT: Shelf("payments/payments", "payment", "payments"),
}

PER_PAGE: Final = 100
"""FreshBooks' own highest; more is cut silently."""


def shelf(kind: ObjectKind) -> Shelf:
    """Return where objects of that kind stand."""
    return _SHELVES[kind]


def page_query(page: int, since: date | None, *, deleted: bool) -> tuple[tuple[str, str], ...]:
    """Return the query of one page: what changed on or after the day `since`.

    Without `search[vis_state]` FreshBooks lists active and archived objects together, never deleted ones.
    """
    query = [("page", str(page)), ("per_page", str(PER_PAGE))]
    if since is not None:
        query.append(("search[updated_min]", since.isoformat()))
    if deleted:
        query.append(("search[vis_state]", "1"))
    return tuple(query)


def due_query(page: int, first: date, before: date) -> tuple[tuple[str, str], ...]:
    """Return the query of one page of the invoices due on or after `first` and before `before`.

    The upper bound of a range is exclusive (facts, section 3).
    """
    due = (("search[due_date_min]", first.isoformat()), ("search[due_date_max]", before.isoformat()))
    return (*page_query(page, None, deleted=False), *due)


def client_query(page: int, client: ClientId) -> tuple[tuple[str, str], ...]:
    """Return the query of one page of a client's invoices."""
    return (*page_query(page, None, deleted=False), ("search[customerid]", str(client)))
