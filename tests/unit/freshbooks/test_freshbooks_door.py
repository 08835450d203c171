"""The door against a server that misbehaves on the level of bytes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import ClientTimeout

from app.freshbooks import door as doors
from app.freshbooks.door import Door, checked, open_session
from app.freshbooks.refused import Garbled, Unreadable
from streams.domain.errors import Misconfigured, Permanent, Transient, Unreachable

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(text: bytes) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()

    return serve


def answer(body: bytes, head: bytes = b"HTTP/1.1 200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return head + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % size + body


@asynccontextmanager
async def opened(serve: Serve) -> AsyncIterator[Door]:
    served: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with open_session() as session:
            yield Door(session, f"http://127.0.0.1:{port}")
        await asyncio.gather(*served)


async def test_an_answer_is_its_json() -> None:
    async with opened(says(answer(b'{"a": 1}'))) as door:
        assert await door.call("GET", "/x", "token") == {"a": 1}


async def test_the_query_keeps_its_brackets_and_the_token_goes_in_the_header() -> None:
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(b"{}"))

    async with opened(serve) as door:
        await door.call("GET", "/x", "token", query=(("include[]", "lines"), ("search[vis_state]", "1")))

    asked = seen.replace(b"%5B", b"[").replace(b"%5D", b"]")
    assert asked.startswith(b"GET /x?include[]=lines&search[vis_state]=1 HTTP/1.1")
    assert b"Authorization: Bearer token" in asked


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (answer(b'{"a": 1', length=100), Unreachable),
        (answer(b'{"a": 1'), Garbled),
        (answer(b""), Garbled),
        (answer(b"<html>"), Garbled),
        (answer(b"<html>", b"HTTP/1.1 502 Bad Gateway"), Unreachable),
        (answer(b'{"a":1,"a":2}', b"HTTP/1.1 500 Oops"), Unreachable),
        (answer(b'{"a":1,"a":2}'), Unreadable),
        (b"", Unreachable),
        (b"SSH-2.0-OpenSSH\r\n", Unreachable),
        (
            b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n",
            Misconfigured,
        ),
    ],
)
async def test_each_broken_answer_has_its_error(text: bytes, error: type[Exception]) -> None:
    async with opened(says(text)) as door:
        with pytest.raises(error) as refused:
            await door.call("GET", "/x", "token")

    assert type(refused.value) is error


async def test_an_endless_answer_is_cut_off() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(300):
            writer.write(b" " * 100_000)
            await writer.drain()

    async with opened(serve) as door:
        with pytest.raises(Unreadable, match="bytes"):
            await door.call("GET", "/x", "token")


async def test_silence_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "TIMEOUT", ClientTimeout(total=0.1))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        del writer

    async with opened(serve) as door:
        with pytest.raises(Unreachable, match="time-out"):
            await door.call("GET", "/x", "token")


async def test_nobody_there_is_unreachable() -> None:
    async with opened(says(b"")) as closed:
        url = closed.url

    async with open_session() as session:
        with pytest.raises(Unreachable):
            await Door(session, url).call("GET", "/x", "token")


@pytest.mark.parametrize(
    "url", ["http://api.freshbooks.com", "ftp://x", "api.freshbooks.com", "", "https://"]
)
def test_a_vendor_without_tls_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        checked(url, allow_http=False)

    assert refused.value.code == "bad-url"


@pytest.mark.parametrize(
    "url", ["https://evil.example", "https://api.freshbooks.com.evil.example", "https://notfreshbooks.com"]
)
def test_a_secret_goes_to_no_host_but_freshbooks(url: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        checked(url, allow_http=False)

    assert refused.value.code == "bad-url"


def test_http_is_for_those_who_allow_it() -> None:
    assert checked("http://127.0.0.1:8/", allow_http=True) == "http://127.0.0.1:8"


async def test_a_certificate_of_nobody_is_refused() -> None:
    async with opened(says(answer(b"{}"))) as plain, open_session() as session:
        with pytest.raises(Unreachable):
            await Door(session, plain.url.replace("http:", "https:")).call("GET", "/x")


async def test_nothing_goes_out_once_the_fence_is_closed() -> None:
    reached = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.extend(await reader.read(1000))
        writer.write(answer(b"{}"))

    class Fenced(Exception):
        """Stands for the end of the process."""

    def fence() -> None:
        raise Fenced

    async with opened(serve) as door, open_session(fence) as session:
        with pytest.raises(Fenced):
            await Door(session, door.url).call("POST", "/auth/oauth/token", form={"refresh_token": "once"})

    assert not reached


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"307 Temporary", b"308 Permanent"])
@pytest.mark.parametrize(("method", "form"), [("GET", None), ("POST", {"client_secret": "canary"})])
async def test_a_redirect_is_refused_and_nothing_goes_where_it_leads(
    status: bytes, method: str, form: dict[str, str] | None
) -> None:
    reached = bytearray()

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.extend(await reader.read(1000))
        writer.write(answer(b"{}"))

    async with opened(elsewhere) as other:
        head = b"HTTP/1.1 " + status + b"\r\nLocation: " + other.url.encode() + b"/x"
        async with opened(says(answer(b"{}", head))) as door:
            with pytest.raises((Transient, Permanent)):
                await door.call(method, "/x", "token", form=form)

    assert reached == b""
