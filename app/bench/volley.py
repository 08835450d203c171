"""The load: keep-alive connections with one request outstanding each, at full speed or at a given rate."""

import asyncio
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, cast

_OK: Final = b"HTTP/1.1 200 "


@dataclass(slots=True)
class Outcome:
    """What a volley brought."""

    seconds: float = 0.0
    times: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds from when each request should have left until its answer."""
    accepted: Counter[int] = field(default_factory=Counter)
    """How often each shot was answered 200."""
    refused: int = 0
    rate: float = 0.0
    """Accepted requests per second."""

    def quantile(self, share: float) -> float:
        """Return the time within which `share` of the requests were answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Line(asyncio.Protocol):
    """A connection; asks its volley for the next request whenever it is free."""

    def __init__(self, volley: "Volley") -> None:
        self._volley = volley
        self._shot = 0
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by descent

    def send(self, shot: int, request: bytes, due: float) -> None:
        """Send one request that was due at `due`."""
        assert self._transport is not None
        self._shot, self._due = shot, due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        # Answers are short and arrive whole: there is no proxy between.
        self._volley.answered(self, self._shot, self._due, kept=data.startswith(_OK))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class Volley:
    """Sends the shots in turn, again from the first when all are spent."""

    def __init__(self, shots: Sequence[bytes], port: int, connections: int) -> None:
        self._shots = shots
        self._port = port
        self._connections = connections
        self._next = 0
        self._outcome = Outcome()
        self._firing = False
        self._rate = 0.0
        self._idle: deque[_Line] = deque()
        self._late: deque[float] = deque()
        self._lines: list[_Line] = []

    async def connect(self) -> None:
        """Open the connections; the first volley should follow at once."""
        loop = asyncio.get_running_loop()
        for _ in range(self._connections):
            _, line = await loop.create_connection(lambda: _Line(self), "127.0.0.1", self._port)
            self._lines.append(line)

    def close(self) -> None:
        """Close the connections."""
        for line in self._lines:
            line.close()

    async def fire(self, seconds: float, rate: float = 0.0) -> Outcome:
        """Return what `seconds` of load brought: as fast as answers come, or `rate` a second whatever comes.

        At a rate the clock of a request runs from when it should have left, so that a slow moment counts
        for all whom it keeps waiting.
        """
        self._outcome, self._rate = Outcome(), rate
        self._firing, self._idle = True, deque()
        self._late.clear()
        began = perf_counter()
        if rate:
            self._idle.extend(self._lines)
            await self._pace(began, seconds, rate)
        else:
            for line in self._lines:
                self._send(line, perf_counter())
            await asyncio.sleep(seconds)
        outcome, self._firing = self._outcome, False
        outcome.seconds = perf_counter() - began
        outcome.rate = outcome.accepted.total() / outcome.seconds
        await self._settle()
        return outcome

    def answered(self, line: _Line, shot: int, due: float, *, kept: bool) -> None:
        """Note an answer and use the line again."""
        now = perf_counter()
        outcome = self._outcome
        outcome.times.append(now - due)
        if kept:
            outcome.accepted[shot] += 1
        else:
            outcome.refused += 1
        if not self._firing:
            self._idle.append(line)
        elif not self._rate:
            self._send(line, now)
        elif self._late:
            self._send(line, self._late.popleft())
        else:
            self._idle.append(line)

    async def _pace(self, began: float, seconds: float, rate: float) -> None:
        sent = 0
        while (spent := perf_counter() - began) < seconds:
            for due in range(sent, int(spent * rate)):
                self._at(began + due / rate)
            sent = max(sent, int(spent * rate))
            await asyncio.sleep(0.001)

    def _at(self, due: float) -> None:
        if self._idle:
            self._send(self._idle.popleft(), due)
        else:
            self._late.append(due)

    def _send(self, line: _Line, due: float) -> None:
        shot = self._next
        self._next = (shot + 1) % len(self._shots)
        line.send(shot, self._shots[shot], due)

    async def _settle(self) -> None:
        """Wait for the answers that are still out; they count as kept, not for the rate.

        Raises:
            TimeoutError: the system stopped answering, or hung up.
        """
        async with asyncio.timeout(30):
            while len(self._idle) < len(self._lines):  # noqa: ASYNC110  # between two rounds
                await asyncio.sleep(0.01)
