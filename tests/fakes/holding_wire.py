"""A wire that can stop one message on its way, so that a crash is placed exactly there and not by luck."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fakes.wire import Way, Wire

Wanted = Callable[[bytes], bool]
"""Tells of a request whether it, or the answer to it, is the one to stop."""


@dataclass
class Hold:
    """The first message that is `wanted` goes no further, nor does what follows it on its connection."""

    way: Way
    wanted: Wanted
    caught: asyncio.Event = field(default_factory=asyncio.Event)
    _lifted: asyncio.Event = field(default_factory=asyncio.Event)
    _line: asyncio.StreamWriter | None = None

    async def look(self, way: Way, request: bytes, line: asyncio.StreamWriter) -> None:
        """Stop the message on its way to `line` if it is the one."""
        if self._line is None and way is self.way and self.wanted(request):
            self._line = line
            self.caught.set()
            await self._lifted.wait()

    def drop(self) -> None:
        """Let the message be lost, with its connection."""
        if self._line is not None:
            self._line.transport.abort()
        self._lifted.set()


@dataclass
class HoldingWire(Wire):
    """A wire that stops what it is told to."""

    held: Hold | None = None

    def hold(self, way: Way, wanted: Wanted) -> Hold:
        """Return a hold on the next such message."""
        self.held = Hold(way, wanted)
        return self.held

    def close(self) -> None:
        """Break everything, what is held too."""
        if self.held is not None:
            self.held.drop()
        super().close()

    async def _look(self, way: Way, request: bytes, line: asyncio.StreamWriter) -> None:
        if self.held is not None:
            await self.held.look(way, request, line)
