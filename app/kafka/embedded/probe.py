"""Ask a broker whether it serves: one Metadata request by hand, cheap enough to ask ten times a second."""

import socket
import struct

from app.kafka.embedded.ports import HOST

METADATA, VERSION, CORRELATION = 3, 1, 7
_NAME = b"freshforce"
_BODY = struct.pack(f">hhih{len(_NAME)}si", METADATA, VERSION, CORRELATION, len(_NAME), _NAME, 0)
REQUEST = struct.pack(">i", len(_BODY)) + _BODY
"""Metadata v1 with an empty list of topics: brokers only."""


def brokers_seen(port: int, patience: float = 1.0) -> int:
    """Return how many brokers the one on `port` knows to be alive; 0 when it does not answer yet."""
    try:
        with socket.create_connection((HOST, port), patience) as connection:
            connection.sendall(REQUEST)
            answer = connection.recv(12, socket.MSG_WAITALL)
    except OSError:
        return 0
    if len(answer) < 12:  # noqa: PLR2004 - length, correlation and count, four bytes each
        return 0
    _, correlation, brokers = struct.unpack(">iii", answer)
    return int(brokers) if correlation == CORRELATION else 0
