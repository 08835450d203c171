"""The way out: windows leave in order; deliveries are acknowledged in order, when all is durable."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from streams.loop.contract import Done, Sendable, Spot
from streams.loop.journal import Journal
from streams.loop.limits import Surroundings
from streams.loop.window import Window

Freed = Callable[[int, int], None]
"""Told how many deliveries, of how many bytes, are settled."""


class Outlet:
    """The windows of one pump. `post` and `settle` run for as long as the pump does."""

    def __init__(self, around: Surroundings, journals: Sequence[Journal], freed: Freed) -> None:
        self._sink, self._limits = around.sink, around.limits
        self._journals, self._freed = journals, freed
        self._window = Window()
        self._flight: asyncio.Queue[tuple[Window, Awaitable[Mapping[Spot, int]]]] = asyncio.Queue()
        self._ripe = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, records: Sequence[tuple[Spot, Sendable]], done: Done, weight: int) -> None:
        """Add all that one delivery caused, with what changed in the tables."""
        for spot, record in records:
            self._window.add(spot, record)
        for journal in self._journals:
            self._window.extend(journal.changelog, journal.take())
        self._window.close(done, weight)
        if len(self._window.done) >= self._limits.window:
            self.hurry()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._limits.linger, self.hurry)

    @property
    def ripe(self) -> bool:
        """Tell whether a window should have gone by now."""
        return self._ripe.is_set()

    def hurry(self) -> None:
        """Let the window go now."""
        self._ripe.set()

    def stop(self) -> None:
        """Let no window go any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def post(self) -> None:
        """Send windows, one at a time: posted at once, they would overtake each other."""
        while True:
            await self._ripe.wait()
            self._ripe.clear()
            self.stop()
            window, self._window = self._window, Window()
            if window.done:
                self._flight.put_nowait((window, await self._sink.post(window.records)))

    async def settle(self) -> None:
        """Acknowledge the deliveries of each window in turn, when every record of it is durable."""
        while True:
            window, durable = await self._flight.get()
            ends = await durable
            for journal in self._journals:
                journal.end = ends.get(journal.changelog, journal.end)
            for done in window.done:
                done()
            self._freed(len(window.done), window.weight)
