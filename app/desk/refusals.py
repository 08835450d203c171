"""Requests that the pages turn away, in the audit: an entry for each sort and minute."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.errors import Transient

EVERY: Final = 60.0
"""Seconds between two entries of a sort: a page that asks in a loop cannot fill the log."""


@dataclass(slots=True)
class Refusals:
    """Told of each request that was turned away, and why."""

    registry: Registry
    now: Callable[[], float]
    """Seconds of a clock that never steps back."""
    _unsaid: Counter[str] = field(default_factory=Counter)
    _said_at: dict[str, float] = field(default_factory=dict)

    def __call__(self, why: str) -> None:
        """Have it said, or counted for the next entry."""
        self._unsaid[why] += 1
        if self.now() - self._said_at.get(why, -EVERY) >= EVERY:
            self._said_at[why] = self.now()
            self.registry.chores.begin(self._say(why, self._unsaid.pop(why)))

    async def _say(self, why: str, times: int) -> None:
        with suppress(Transient):  # Kafka is away: it was turned away all the same
            await self.registry.note(None, Verdict.SECURITY, f"on a page: {why}", times=times)
