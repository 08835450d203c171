"""Ask a broker whether it serves: one Metadata request by hand, cheap enough to ask ten times a second."""

import socket
import struct
from io import BytesIO
from typing import BinaryIO, NamedTuple

from app.kafka.embedded.ports import HOST

METADATA, VERSION, CORRELATION = 3, 2, 7
_NAME = b"freshforce"
_BODY = struct.pack(f">hhih{len(_NAME)}si", METADATA, VERSION, CORRELATION, len(_NAME), _NAME, 0)
REQUEST = struct.pack(">i", len(_BODY)) + _BODY
"""Metadata v2 with an empty list of topics: brokers and cluster only."""


class Seen(NamedTuple):
    """What a broker says of its cluster."""

    brokers: int
    """How many it knows to be alive."""
    cluster: str


def seen(port: int, patience: float = 1.0) -> Seen | None:
    """Return what the broker on `port` says; None while none answers there (yet)."""
    try:
        with socket.create_connection((HOST, port), patience) as connection:
            connection.sendall(REQUEST)
            with connection.makefile("rb") as answer:
                return _read(answer)
    except (OSError, struct.error):  # struct: an answer that ends too early
        return None


def _read(answer: BinaryIO) -> Seen | None:
    length, correlation = struct.unpack(">ii", answer.read(8))
    if correlation != CORRELATION:
        return None  # no Kafka
    said = BytesIO(answer.read(length - 4))
    brokers = _number(said)
    for _ in range(brokers):
        _number(said)  # id, host, port, rack
        _text(said)
        _number(said)
        _text(said)
    return Seen(brokers, _text(said))


def _number(said: BinaryIO) -> int:
    return int(struct.unpack(">i", said.read(4))[0])


def _text(said: BinaryIO) -> str:
    """Return a string; one that is not there is empty."""
    length = int(struct.unpack(">h", said.read(2))[0])
    return said.read(max(length, 0)).decode()
