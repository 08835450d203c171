"""The cable between a client and a server, as a TCP proxy that can be damaged: it needs no rights, no tools.

What it cannot show: SYN packets that vanish. A cable that stands still takes new connections and then
says nothing, which costs a client the same time-out a little later.
"""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeVar

HOST = "127.0.0.1"
CHUNK = 1 << 16
RESENT = 0.2
"""Seconds until TCP sends a lost packet again; Linux' least."""


class Way(Enum):
    """Which way bytes travel."""

    UP = auto()
    """From the client to the server."""
    DOWN = auto()


BOTH = frozenset(Way)
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Gates = dict[Way, asyncio.Event]
"""Closed ones let nothing through."""


def open_gates() -> Gates:
    """Return gates that are open both ways."""
    gates = {way: asyncio.Event() for way in Way}
    for gate in gates.values():
        gate.set()
    return gates


@dataclass
class Wire:
    """A cable to `target`; open it with `laid`."""

    target: int
    port: int = 0
    loss: float = 0.0
    """Share of the packets that TCP has to send again: each such chunk, and all behind it, come later."""
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    lines: set[asyncio.StreamWriter] = field(default_factory=set)
    talks: "set[asyncio.Task[None]]" = field(default_factory=set)
    gates: Gates = field(default_factory=open_gates)
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        """Take connections from now on."""
        self._server = await asyncio.start_server(self._connected, HOST, self.port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    def stall(self, *ways: Way) -> None:
        """Let nothing through, as where packets are dropped: nobody is told, nothing is lost yet."""
        for way in ways or BOTH:
            self.gates[way].clear()

    def flow(self) -> None:
        """Let everything through again, what was held up too."""
        for gate in self.gates.values():
            gate.set()

    @contextmanager
    def stalled(self, *ways: Way) -> Iterator[None]:
        """Hold everything up for a while, then let it through."""
        self.stall(*ways)
        try:
            yield
        finally:
            self.flow()

    def reset(self) -> int:
        """Break all connections (RST), with what they hold up; return how many there were."""
        broken = {line for line in self.lines if not line.is_closing()}
        for line in broken:
            with suppress(OSError):
                line.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            line.transport.abort()
        self.lines.clear()
        return len(broken)

    def close(self) -> None:
        """Break everything, and take no connections any more."""
        if self._server is not None:
            self._server.close()
        self.flow()
        self.reset()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self.talks.add(talk)
        talk.add_done_callback(self.talks.discard)
        self.lines.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        self.lines.add(far_writer)
        pumps = self._pumps((reader, writer), (far_reader, far_writer), self._gates_of(writer))
        try:
            await asyncio.wait({*pumps}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for line in (writer, far_writer):
                self.lines.discard(line)
                line.close()

    def _gates_of(self, caller: asyncio.StreamWriter) -> Gates:
        """Return the gates through which a caller's bytes must go."""
        del caller
        return self.gates

    def _pumps(self, near: Line, far: Line, gates: Gates) -> "list[asyncio.Task[None]]":
        return [
            asyncio.create_task(self._pump(near[0], far[1], gates[Way.UP])),
            asyncio.create_task(self._pump(far[0], near[1], gates[Way.DOWN])),
        ]

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                await self._carry(chunk, writer, gate)

    async def _carry(self, chunk: bytes, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        if self.loss and self.chance.random() < self.loss:
            await asyncio.sleep(RESENT)
        await gate.wait()
        writer.write(chunk)
        await writer.drain()


W = TypeVar("W", bound=Wire)


@asynccontextmanager
async def laid(wire: W) -> AsyncIterator[W]:
    """Lay a cable; it is torn out in the end."""
    await wire.open()
    try:
        yield wire
    finally:
        wire.close()
        await asyncio.gather(*wire.talks)
