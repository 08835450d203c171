"""A wire under HTTP, on which requests come one after the other: so do ours, and FreshBooks'."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from tests.fakes.holding_wire import HoldingWire
from tests.fakes.wire import CHUNK, Gates, Line, Way

METHODS = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")


@dataclass
class HttpWire(HoldingWire):
    """A wire to a web server."""

    def _pumps(self, near: Line, far: Line, gates: Gates) -> "list[asyncio.Task[None]]":
        asked = [b""]
        return [
            asyncio.create_task(self._talk(near[0], far[1], Way.UP, gates, asked)),
            asyncio.create_task(self._talk(far[0], near[1], Way.DOWN, gates, asked)),
        ]

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        way: Way,
        gates: Gates,
        asked: list[bytes],
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if way is Way.UP and chunk.startswith(METHODS):
                    asked[0] = chunk
                await self._look(way, asked[0], writer)
                await self._carry(chunk, writer, gates[way])
