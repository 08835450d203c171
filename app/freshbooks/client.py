"""Reads of one FreshBooks account: an object, or a page of a list."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.freshbooks.door import Door, result
from app.freshbooks.pages import Page, page_of
from app.freshbooks.refused import Missing, Unreadable
from app.freshbooks.shelves import page_query, shelf
from app.freshbooks.wire.fields import read
from app.freshbooks.wire.listed import WireListed
from app.freshbooks.wire.reading import gone, reading
from streams.domain.identity import AccountId, ObjectKind
from streams.loop.contract import Clock
from streams.ports import Reading


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list shows it; `stamp` changes whenever the object does."""

    kind: ObjectKind
    object_id: int
    stamp: str


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
        query = page_query(number, since, deleted=deleted)
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
