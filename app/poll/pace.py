"""Keeping a long writer close ahead of the workers: what comes live does not wait behind all of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from streams.domain.errors import Unreachable

LEAST: Final = 20
"""Messages that may always be ahead: fewer, and the workers would wait for us."""
PAUSE: Final = 0.5
"""Seconds until another look."""
STILL: Final = 30.0
"""Seconds without a move of the workers after which nobody seems to work."""


class Unread(NamedTuple):
    """What the workers have before them, of all connections: each has to be done before what comes now."""

    events: int
    records: int
    commands: int
    aside: bool = False
    """Whether a vendor keeps our connection waiting: what Kafka has for read is then not done."""

    @property
    def all(self) -> int:
        """Messages of every step."""
        return self.events + self.records + self.commands


class Waiting(NamedTuple):
    """Why nothing is written now."""

    unread: Unread | None
    """None: Kafka does not tell."""
    until: int
    """It goes on when so few are left."""
    still: bool
    """Whether the workers have not moved for long."""
    seconds: float
    """How long it waits by now."""

    @property
    def why(self) -> str:
        """The reason, in a person's words."""
        unread = self.unread
        if unread is None:
            return "for Kafka: it does not say how far the workers are; asked again and again"
        if unread.aside:
            return "a vendor keeps the connection waiting (see its line in the worker's log)"
        if self.still:
            return f"no worker moves: {unread.all:,} messages unread. Is one running (freshforce health)?"
        if unread.commands > unread.events + unread.records:
            return f"for Salesforce: {unread.commands:,} rows on their way, goes on at {self.until:,}"
        return f"for the workers: {unread.all:,} messages unread, goes on at {self.until:,}"


@dataclass(slots=True)
class Pace:
    """Lets a writer be at most `most` messages ahead of the workers; then it waits until half are done."""

    most: int
    look: Callable[[], Awaitable[Unread]]
    sleep: Callable[[float], Awaitable[None]]
    waits: Callable[[Waiting | None], object]
    """Hears why it waits, at each look; None when it goes on."""
    _room: int = field(default=0, init=False)

    @classmethod
    def most_of(cls, seconds: float, per_second: float) -> int:
        """Return how many messages take the workers so many seconds, when they read so many a second."""
        return max(LEAST, round(seconds * per_second))

    def portion(self, most: int) -> int:
        """Return how many to write at a time: no more than room is made for."""
        return min(most, self.most // 2)

    async def room_for(self, count: int) -> None:
        """Return when `count` messages, one portion, may be written."""
        if count > self._room:
            self._room = self.most - (await self._near(self.most - count)).all
        self._room -= count

    async def _near(self, enough: int) -> Unread:
        """Return what is unread once that is `enough` or less; if it was more, once it is half of `most`."""
        before, until, still, waited = None, enough, 0.0, 0.0
        while (unread := await self._looked()) is None or unread.aside or unread.all > until:
            until = self.most // 2
            still = still + PAUSE if unread == before else 0.0
            self.waits(Waiting(unread, until, still >= STILL, waited))
            await self.sleep(PAUSE)
            before, waited = unread, waited + PAUSE
        if waited:
            self.waits(None)
        return unread

    async def _looked(self) -> Unread | None:
        """Return what is unread; None while Kafka is away, which passes as every other reason to wait."""
        try:
            return await self.look()
        except Unreachable:
            return None
