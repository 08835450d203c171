"""The way out: windows leave in order, and become durable in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from streams.loop.contract import Sendable, Spot
from streams.loop.journal import Journal
from streams.loop.limits import Surroundings
from streams.loop.opened import Opened
from streams.loop.window import Then, Window

Durable = Callable[[Sequence[Opened]], object]
"""Told which deliveries are concluded for good."""


class Outlet:
    """The windows of one pump. `post` and `settle` run for as long as the pump does."""

    def __init__(
        self, around: Surroundings, journals: Sequence[Journal], aside: Journal | None, durable: Durable
    ) -> None:
        self._sink, self._limits = around.sink, around.limits
        self._journals, self._durable = journals, durable
        self._settling = journals if aside is None else (*journals, aside)
        self._window = Window()
        self._flight: asyncio.Queue[tuple[Window, Awaitable[Mapping[Spot, int]]]] = asyncio.Queue()
        self._away = 0
        self._ripe, self._landed = asyncio.Event(), asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._dead = False

    def put(self, records: Sequence[tuple[Spot, Sendable]], opened: Opened) -> None:
        """Add all that one delivery caused, with what changed in the tables."""
        for spot, record in records:
            self._window.add(spot, record)
        for journal in self._journals:
            self._window.extend(journal.changelog, journal.take())
        self._window.closed.append(opened)
        self._soon()

    def note(self, journal: Journal, then: Then) -> None:
        """Add what changed in a table by itself; call `then` when that is durable."""
        self._window.extend(journal.changelog, journal.take())
        self._window.then.append(then)
        self._soon()

    @property
    def ripe(self) -> bool:
        """Tell whether a window should have gone by now."""
        return self._ripe.is_set()

    async def emptied(self) -> None:
        """Let everything go, and return when all of it is durable."""
        while (self._window or self._away) and not self._dead:
            self._ripe.set()
            self._landed.clear()
            await self._landed.wait()

    def stop(self) -> None:
        """Let no window go any more."""
        self._dead = True
        self._landed.set()
        self._rest()

    async def post(self) -> None:
        """Send windows, one at a time: posted at once, they would overtake each other."""
        while True:
            await self._ripe.wait()
            self._ripe.clear()
            self._rest()
            window, self._window = self._window, Window()
            if window:
                self._away += 1
                self._flight.put_nowait((window, await self._sink.post(window.records)))

    async def settle(self) -> None:
        """Tell of the deliveries of each window in turn, when every record of it is durable."""
        while True:
            window, durable = await self._flight.get()
            ends = await durable
            for journal in self._settling:
                if changes := window.records.get(journal.changelog):
                    journal.settled(ends[journal.changelog], len(changes))
            self._durable(window.closed)
            for then in window.then:
                then()
            self._away -= 1
            self._landed.set()

    def _soon(self) -> None:
        if len(self._window.closed) >= self._limits.window:
            self._ripe.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._limits.linger, self._ripe.set)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
