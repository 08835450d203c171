"""The parts of a pump that run for as long as it does."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from streams.loop.contract import Die


class Tasks:
    """None of them ends by itself: one that does, or fails, is the end of the process."""

    def __init__(self, die: Die) -> None:
        self._die = die
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, *works: Coroutine[Any, Any, None]) -> None:
        """Let `works` run, in the running event loop."""
        for work in works:
            task = asyncio.create_task(work)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def cancel(self) -> None:
        """Let none go on."""
        for task in self._tasks:
            task.cancel()

    async def cease(self) -> None:
        """Return when none goes on."""
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled():
            self._die(task.exception() or RuntimeError("a part of the loop returned"))
