"""The load generator tells the truth: what was accepted, how long it took, and how late it was."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from app.bench.shots import shots
from app.bench.volley import Volley
from app.freshbooks.form import parse
from app.freshbooks.signature import Verifier, verify

SHOTS = [f"POST /{n} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode() for n in range(10)]


@asynccontextmanager
async def a_server(delay: float = 0.0, refuse: Sequence[int] = ()) -> AsyncIterator[tuple[int, list[int]]]:
    """Answer each request after `delay`; 503 to those in `refuse`; lend the port and what was asked."""
    asked: list[int] = []
    talks: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.current_task())
        while head := await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            shot = int(head.split(b" ")[1][1:])
            asked.append(shot)
            await asyncio.sleep(delay)
            status = b"503 Service Unavailable" if shot in refuse else b"200 OK"
            writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        await asyncio.wait([each for each in talks if each is not None], timeout=5)
        server.close()


async def test_what_was_accepted_is_counted_shot_by_shot_and_nothing_is_left_open() -> None:
    async with a_server(0.001, refuse=[3]) as (port, asked):
        volley = Volley(SHOTS, port, 4)
        await volley.connect()
        outcome = await volley.fire(0.2)
        volley.close()

    assert outcome.accepted.total() + outcome.refused == len(asked)
    assert outcome.refused == asked.count(3) > 0
    assert outcome.accepted[7] == asked.count(7)
    assert 0 < outcome.rate <= outcome.accepted.total() / 0.2


async def test_at_a_rate_as_many_are_sent_as_are_due() -> None:
    async with a_server() as (port, asked):
        volley = Volley(SHOTS, port, 4)
        await volley.connect()
        await volley.fire(0.5, rate=200)
        volley.close()

    assert 80 <= len(asked) <= 100


async def test_at_a_rate_a_slow_server_is_charged_for_those_it_keeps_waiting() -> None:
    async with a_server(delay=0.05) as (port, _):
        volley = Volley(SHOTS, port, 1)
        await volley.connect()
        outcome = await volley.fire(0.5, rate=100)
        volley.close()

    assert outcome.quantile(0.99) > 0.2, "one line serves 20 a second, 100 were due"


def test_shots_are_signed_webhooks_each_for_a_client_of_its_own() -> None:
    made = shots(3, ["aa" * 16, "bb" * 16], "secret", "acct")

    heads, bodies = zip(*(each.split(b"\r\n\r\n") for each in made), strict=True)
    assert [parse(body)["object_id"] for body in bodies] == ["1", "2", "3"]
    assert [b"/" + b"aa" * 16 in head for head in heads] == [False, True, False]
    for head, body in zip(heads, bodies, strict=True):
        signature = head.partition(b"Hmac-SHA256: ")[2].split(b"\r\n")[0].decode()
        assert verify(body, signature, [Verifier.of("secret")])
