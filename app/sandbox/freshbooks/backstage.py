"""Backstage: everything a test or a scenario may do to the simulated FreshBooks beside its API.

The control API over HTTP is this class with JSON around it; in one process it is used directly.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.sandbox.faults import Faults
from app.sandbox.freshbooks.acts import Change, Create, Remove, Tell, perform
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.sandbox import FreshBooks
from app.sandbox.freshbooks.seeding import Sown, sow
from app.sandbox.freshbooks.wishes import Counters, Sent

TRUTH_INCLUDES = ("lines",)


class Backstage:
    """The sandbox's own hands. Methods are async so that the control client over HTTP has the same."""

    def __init__(self, freshbooks: FreshBooks) -> None:
        self._freshbooks = freshbooks

    async def act(self, acts: Sequence[Create | Change | Remove | Tell]) -> list[int]:
        """Do what users do, in order; return the objects' ids. Raises: Refusal at the first that fails."""
        return [perform(self._freshbooks.books, act) for act in acts]

    async def webhooks(self, **knobs: Any) -> dict[str, Any]:
        """Turn knobs of the webhook sender; return all of them."""
        return self._turned(self._freshbooks.mailroom.knobs, knobs)

    async def switches(self, **switches: Any) -> dict[str, Any]:
        """Set switches of FreshBooks' behaviour; return all of them."""
        return self._turned(self._freshbooks.switches, switches)

    async def faults(self, faults: Faults) -> None:
        """Put faults in force on the API; `Faults()` heals it."""
        self._freshbooks.faults.load(faults)

    async def advance(self, by: timedelta) -> datetime:
        """Move the clock; return the new time."""
        self._freshbooks.clock.advance(by)
        return self._freshbooks.clock.now()

    async def set_clock(self, moment: datetime, *, stopped: bool = False) -> datetime:
        """Set the clock; return the new time."""
        self._freshbooks.clock.set(moment, stopped=stopped)
        return self._freshbooks.clock.now()

    async def sow(self, invoices: int, seed: int = 0) -> Sown:
        """Seed a past; nothing is told of it."""
        sown = Sown(0, 0, 0)
        for so_far in sow(self._freshbooks.books, invoices, seed):
            sown = so_far
            await asyncio.sleep(0)
        return sown

    async def expire_tokens(self) -> None:
        """End every access token; refreshing helps."""
        self._freshbooks.tokens.expire_access()

    async def revoke_consent(self) -> None:
        """End every token and code; only a new consent helps."""
        self._freshbooks.tokens.revoke_all()

    async def settle(self, timeout: float = 30.0) -> bool:  # noqa: ASYNC109 - a wish over HTTP carries it too
        """Wait until every webhook is delivered; tell whether it happened in time."""
        try:
            async with asyncio.timeout(timeout):
                await self._freshbooks.mailroom.settled()
        except TimeoutError:
            return False
        return True

    async def counters(self) -> Counters:
        """Return what was seen so far."""
        books = self._freshbooks.books
        return Counters(
            requests=dict(self._freshbooks.requests),
            events=dict(self._freshbooks.events),
            webhooks=self._freshbooks.mailroom.tally(),
            faults=dict(self._freshbooks.faults.struck),
            objects={noun.value: len(books.shelf(noun)) for noun in Noun},
        )

    async def deliveries(self, since: int = 0) -> list[Sent]:
        """Return the deliveries from the `since`-th on, handshakes among them, in the order of events."""
        return [
            Sent(
                callback=one.callback,
                event=one.event,
                object_id=one.object_id,
                uri=one.uri,
                body=one.body,
                signed=one.signed,
                answers=one.answers,
                dropped=one.dropped,
                forged=one.forged,
                accepted=one.accepted,
            )
            for one in self._freshbooks.mailroom.deliveries[since:]
        ]

    async def truth(self, nouns: Iterable[Noun] = tuple(Noun)) -> AsyncIterator[tuple[Noun, dict[str, Any]]]:
        """Yield every object, deleted ones too, as a GET with its lines would show it."""
        for noun in nouns:
            for count, payload in enumerate(self._payloads(noun)):
                yield noun, payload
                if not count % 500:
                    await asyncio.sleep(0)

    def _payloads(self, noun: Noun) -> Iterator[dict[str, Any]]:
        for row in list(self._freshbooks.books.shelf(noun).rows.values()):
            yield self._freshbooks.shown(row, TRUTH_INCLUDES)

    def _turned(self, settings: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in changes.items():
            setattr(settings, name, value)
        self._freshbooks.mailroom.ring()
        shown: dict[str, Any] = settings.model_dump(mode="json")
        return shown
