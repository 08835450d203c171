"""Reads of one FreshBooks account: an object, or a page of a list."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.freshbooks.door import Door, result
from app.freshbooks.pages import Page, page_of
from app.freshbooks.refused import Missing, Unreadable
from app.freshbooks.shelves import client_query, due_query, page_query, shelf
from app.freshbooks.wire.carrying import WireCarrying
from app.freshbooks.wire.due import WireDue
from app.freshbooks.wire.fields import read
from app.freshbooks.wire.listed import WireListed
from app.freshbooks.wire.reading import gone, reading
from streams.domain.identity import AccountId, ClientId, ObjectKind
from streams.loop.contract import Clock
from streams.ports import Reading


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list shows it; `stamp` changes whenever the object does."""

    kind: ObjectKind
    object_id: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice that is not paid, as a list shows it: who owes something, and by when."""

    client: int
    on: date


@dataclass(frozen=True, slots=True)
class Carrying:
    """An invoice as a list shows it: which PO number it carries, if any."""

    invoice: int
    po_number: str


@dataclass(frozen=True, slots=True)
class FreshBooks:
    """One account, seen with one access token."""

    door: Door
    account: AccountId
    token: str
    clock: Clock

    async def read(self, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is now, `Gone` when FreshBooks does not know it.

        Raises:
            Transient: ask again later.
            Unauthorized: renew the token, then ask again.
            Permanent: asking again will not help.
        """
        place = shelf(kind)
        path = f"{self._path(kind)}/{object_id}"
        try:
            found = await self.door.call("GET", path, self.token, query=place.includes)
        except Missing:
            return gone(self.clock())
        answer = reading(kind, result(found, "response", "result", place.one), self.clock())
        if getattr(answer.snapshot, "id", None) != object_id:
            message = f"FreshBooks answered with another {kind.value} than the one asked for"
            raise Unreadable(message)
        return answer

    async def page(
        self, kind: ObjectKind, number: int, since: date | None = None, *, deleted: bool = False
    ) -> Page:
        """Return page `number` (from 1) of what changed on or after the day `since`.

        Raises:
            Transient, Unauthorized, Permanent: as `read`.
        """
        return await self._page(kind, number, page_query(number, since, deleted=deleted))

    async def due_page(self, number: int, first: date, before: date) -> Page:
        """Return page `number` (from 1) of the invoices due on or after `first` and before `before`.

        Raises:
            Transient, Unauthorized, Permanent: as `read`.
        """
        return await self._page(ObjectKind.INVOICE, number, due_query(number, first, before))

    async def client_page(self, number: int, client: ClientId) -> Page:
        """Return page `number` (from 1) of a client's invoices.

        Raises:
            Transient, Unauthorized, Permanent: as `read`.
        """
        return await self._page(ObjectKind.INVOICE, number, client_query(number, client))

    async def _page(self, kind: ObjectKind, number: int, query: tuple[tuple[str, str], ...]) -> Page:
        found = await self.door.call("GET", self._path(kind), self.token, query=query)
        return page_of(found, shelf(kind).many, number)

    def _path(self, kind: ObjectKind) -> str:
        return f"/accounting/account/{self.account}/{shelf(kind).path}"


def listed(kind: ObjectKind, item: object) -> Listed:
    """Return what a list says of one object: enough to tell whether it changed.

    Raises:
        Unreadable: `item` has no id.
    """
    found = read(WireListed, item)
    return Listed(kind, found.id, found.stamp)


def due(item: object, first: date, before: date) -> Due | None:
    """Return what a listed invoice says; None for one that is paid, a draft, or due at another time.

    FreshBooks ignores filters that it does not know, so the days are looked at again (facts, pitfall 16). One
    that cannot be read hides no other: its own events say what is wrong with it.
    """
    try:
        found = read(WireDue, item)
    except Unreadable:
        return None
    on = found.due_date
    return Due(found.customerid, on) if on and first <= on < before and found.owed else None


def carrying(item: object, client: ClientId) -> Carrying | None:
    """Return what a listed invoice says; None for another client's, as FreshBooks ignores unknown filters.

    One that cannot be read hides no other.
    """
    try:
        found = read(WireCarrying, item)
    except Unreadable:
        return None
    return Carrying(found.id, found.po_number) if found.customerid == client else None


async def me(door: Door, token: str) -> dict[str, Any]:
    """Return FreshBooks' answer to "who am I", without its envelope.

    Raises:
        Transient, Unauthorized, Permanent: as FreshBooks.read.
    """
    found = result(await door.call("GET", "/auth/api/v1/users/me", token), "response")
    if not isinstance(found, dict):
        message = "FreshBooks' users/me is no object"
        raise Unreadable(message)
    return found
