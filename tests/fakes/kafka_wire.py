"""A wire that understands Kafka's frames, so that a fault can be placed at one request or one answer.

A frame is its length and its body. A request's body begins with its kind, version and number; an
answer's with the number of the request that it answers (kafka.apache.org/protocol).
"""

import asyncio
import struct
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from tests.fakes.holding_wire import HoldingWire, Wanted
from tests.fakes.wire import Gates, Line, Way

LENGTH = struct.Struct(">i")
KIND = struct.Struct(">h")
NUMBER = struct.Struct(">i")
OUT_OF_ORDER = 45
"""Kafka's error that no idempotent producer survives."""


class Kind(IntEnum):
    """Kinds of requests that matter here."""

    PRODUCE = 0
    OFFSET_COMMIT = 8


def is_a(kind: Kind, topic: str = "") -> Wanted:
    """Return what tells requests of a kind that name `topic`."""
    name = KIND.pack(len(topic)) + topic.encode() if topic else b""
    return lambda request: KIND.unpack_from(request)[0] == kind and name in request


@dataclass
class KafkaWire(HoldingWire):
    """A wire to a broker."""

    to_spoil: int = 0
    """So many answers will yet say that the sequence is broken."""
    _spoilt: tuple[Wanted, ...] = ()

    def spoil(self, count: int, *topics: str) -> None:
        """Let the next `count` answers to who writes to one of `topics` say that the sequence is broken."""
        self.to_spoil, self._spoilt = count, tuple(is_a(Kind.PRODUCE, topic) for topic in topics)

    def _pumps(self, near: Line, far: Line, gates: Gates) -> "list[asyncio.Task[None]]":
        asked: dict[int, bytes] = {}
        return [
            asyncio.create_task(self._frames(near[0], far[1], Way.UP, gates, asked)),
            asyncio.create_task(self._frames(far[0], near[1], Way.DOWN, gates, asked)),
        ]

    async def _frames(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        way: Way,
        gates: Gates,
        asked: dict[int, bytes],
    ) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(LENGTH.size)
                body = await reader.readexactly(LENGTH.unpack(head)[0])
                request = _request(body, way, asked)
                await self._look(way, request, writer)
                if self.to_spoil and way is Way.DOWN and any(wanted(request) for wanted in self._spoilt):
                    self.to_spoil -= 1
                    body = _spoilt(body)
                await self._carry(head + body, writer, gates[way])


def _request(body: bytes, way: Way, asked: dict[int, bytes]) -> bytes:
    """Return the request that a frame is, or is the answer to."""
    if way is Way.DOWN:
        return asked.pop(NUMBER.unpack_from(body)[0], b"\xff\xff")
    asked[NUMBER.unpack_from(body, 4)[0]] = body
    return body


def _spoilt(body: bytes) -> bytes:
    """Return the answer with another outcome for its first partition.

    Before that stand: the number, how many topics, a name, how many partitions, which one.
    """
    (name,) = KIND.unpack_from(body, 8)
    at = 4 + 4 + 2 + name + 4 + 4
    return body[:at] + KIND.pack(OUT_OF_ORDER) + body[at + 2 :]
