"""FreshBooks' callbacks: who gets told of which event (facts, 1.1)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

from pydantic import AliasChoices, Field

from app.freshbooks.door import Door, result
from app.freshbooks.pages import page_of
from app.freshbooks.refused import Missing, NoSuchAddress
from app.freshbooks.shelves import PER_PAGE
from app.freshbooks.wire.document import Document
from app.freshbooks.wire.fields import Flag, Identifier, Text, Wire, read
from streams.domain.identity import AccountId


class Registered(Wire):
    """A callback as FreshBooks keeps it. FreshBooks spells its id in two ways."""

    id: Identifier = Field(validation_alias=AliasChoices("callbackid", "id"))
    event: Text
    uri: Text
    verified: Flag = False


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The callbacks of one account, seen with one access token.

    Each method raises Transient, Unauthorized or Permanent as `FreshBooks.read` does.
    """

    door: Door
    account: AccountId
    token: str

    async def register(self, event: str, uri: str) -> Registered:
        """Ask FreshBooks to tell `uri` of `event`; it posts a verifier there, maybe before this returns."""
        return await self._one("POST", "", {"event": event, "uri": uri})

    async def get(self, callback_id: int) -> Registered | None:
        """Return the callback, or None when FreshBooks has none of that id."""
        try:
            return await self._one("GET", f"/{callback_id}")
        except (Missing, NoSuchAddress):
            return None

    async def verify(self, callback_id: int, verifier: str) -> Registered:
        """Give the verifier back; the callback is in force when the answer says `verified`."""
        return await self._one("PUT", f"/{callback_id}", {"verifier": verifier})

    async def resend(self, callback_id: int) -> Registered:
        """Ask FreshBooks to post the verifier again."""
        return await self._one("PUT", f"/{callback_id}", {"resend": True})

    async def delete(self, callback_id: int) -> None:
        """Take the callback away; one that is not there is fine."""
        try:
            await self.door.call("DELETE", f"{self._path}/{callback_id}", self.token)
        except (Missing, NoSuchAddress):
            return

    async def every(self) -> AsyncIterator[Registered]:
        """Yield every callback of the account."""
        for number in count(1):
            query = (("page", str(number)), ("per_page", str(PER_PAGE)))
            page = page_of(
                await self.door.call("GET", self._path, self.token, query=query), "callbacks", number
            )
            for item in page.items:
                yield read(Registered, item)
            if page.last:
                return

    async def _one(self, method: str, path: str, content: Document | None = None) -> Registered:
        body = None if content is None else {"callback": content}
        found = await self.door.call(method, self._path + path, self.token, json=body)
        return read(Registered, result(found, "response", "result", "callback"))

    @property
    def _path(self) -> str:
        return f"/events/account/{self.account}/events/callbacks"
