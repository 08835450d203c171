"""Asking by hand whether a broker serves."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.kafka.embedded.ports import HOST
from app.kafka.embedded.probe import CORRELATION, REQUEST, Seen, seen


def text(said: str | None) -> bytes:
    return struct.pack(">h", -1) if said is None else struct.pack(">h", len(said)) + said.encode()


def an_answer(*brokers: bytes, cluster: str = "Fabc", correlation: int = CORRELATION) -> bytes:
    body = struct.pack(">ii", correlation, len(brokers)) + b"".join(brokers) + text(cluster)
    body += struct.pack(">ii", 1, 0)  # who controls; no topics
    return struct.pack(">i", len(body)) + body


def a_broker(number: int, rack: str | None = None) -> bytes:
    return struct.pack(">i", number) + text(HOST) + struct.pack(">i", 9092) + text(rack)


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """Lend the port of a program that hears one request and answers it piece by piece."""
    with socket.create_server((HOST, 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(len(REQUEST), socket.MSG_WAITALL)
                for part in parts:
                    connection.sendall(part)

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_broker_tells_its_cluster_and_who_lives_there() -> None:
    whole = an_answer(a_broker(1), a_broker(2, "cellar"))

    with answering(whole[:5], whole[5:40], whole[40:]) as port:
        assert seen(port) == Seen(2, "Fabc")


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", an_answer(correlation=8), an_answer(a_broker(1))[:20]],
    ids=["nothing", "another program", "an answer to somebody else", "half an answer"],
)
def test_what_is_no_whole_answer_of_a_broker_is_none(said: bytes) -> None:
    with answering(said) as port:
        assert seen(port) is None


def test_where_nobody_listens_nobody_answers() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

    assert seen(port) is None
