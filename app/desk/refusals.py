"""Requests that the pages turn away, in the audit: an entry per sort and minute, a flood as its number."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.errors import Transient

EVERY: Final = 60.0
"""Seconds between two entries of a sort: a page that asks in a loop cannot fill the log."""


class _Sort(NamedTuple):
    """Refusals that count as the same."""

    verdict: Verdict
    why: str


@dataclass(slots=True)
class Refusals:
    """Told of each request that was turned away, and why."""

    registry: Registry
    now: Callable[[], float]
    """Seconds of a clock that never steps back."""
    _unsaid: Counter[_Sort] = field(default_factory=Counter)
    _said_at: dict[_Sort, float] = field(default_factory=dict)

    def __call__(self, verdict: Verdict, why: str) -> None:
        """Have it said, or counted for the next entry."""
        sort = _Sort(verdict, why)
        self._unsaid[sort] += 1
        if self.now() - self._said_at.get(sort, -EVERY) >= EVERY:
            self._begin(sort)

    def say_unsaid(self) -> None:
        """Sum up what was turned away without an entry of its own."""
        for sort in [*self._unsaid]:
            self._begin(sort)

    def _begin(self, sort: _Sort) -> None:
        self._said_at[sort] = self.now()
        self.registry.chores.begin(self._say(sort, self._unsaid.pop(sort)))

    async def _say(self, sort: _Sort, times: int) -> None:
        try:
            await self.registry.note(None, sort.verdict, f"on a page: {sort.why}", times=times)
        except Transient:  # Kafka is away: they were turned away all the same, and count in the next entry
            self._unsaid[sort] += times


@asynccontextmanager
async def telling(registry: Registry) -> AsyncIterator[Refusals]:
    """Lend who is told of refusals: they are summed up each minute, and in the end."""
    told = Refusals(registry, asyncio.get_running_loop().time)
    summing_up = asyncio.create_task(_sum_up(told))
    try:
        yield told
    finally:
        summing_up.cancel()
        told.say_unsaid()


async def _sum_up(told: Refusals) -> None:
    while True:
        await asyncio.sleep(EVERY)
        told.say_unsaid()
