"""An event loop whose clock jumps: hours of back-off pass in milliseconds, in the same order every time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Deadlock(AssertionError):
    """Everybody waits and nothing will ever happen."""


class _Jumping(selectors.SelectSelector):
    """Instead of sleeping, moves the loop's clock on; asks the system nothing, as there are no sockets."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            message = "nothing is scheduled and nobody can go on"
            raise Deadlock(message)
        self.loop.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that needs no time to wait. Only for code without real sockets or threads."""

    def __init__(self) -> None:
        self.now = 0.0
        selector = _Jumping()
        selector.loop = self
        super().__init__(selector)
        # a nanosecond, asyncio's own, changes no float beyond 194 days: a timer that is due would never run
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the virtual moment."""
        return self.now


def simulate(story: Coroutine[Any, Any, T]) -> T:
    """Run `story` to its end in virtual time and return its result."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)
