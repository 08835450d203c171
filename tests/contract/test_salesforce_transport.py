"""Answers that do not end, do not fit or lead elsewhere: nothing of them is believed, little is read."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache

import pytest
from aiohttp import ClientTimeout, web

from app.salesforce.wire.transport import TIMEOUT, TimedOut, Transport, transport
from app.salesforce.wire.wire import Request
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.running import running_salesforce
from streams.domain.errors import Unreachable

LIMIT = 1 << 20
Say = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def saying(say: Say) -> AsyncIterator[str]:
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", say)
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/services/data"
    finally:
        await runner.cleanup()


SAYS = 64 << 20


@cache
def packed() -> bytes:
    return gzip.compress(b"[" + b" " * SAYS, 6)


async def bomb(_: web.Request) -> web.StreamResponse:
    """Say 64 megabytes in 64 kilobytes."""
    return web.Response(body=packed(), headers={"Content-Encoding": "gzip"})


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(b"[" * 65536)


async def wordy(_: web.Request) -> web.StreamResponse:
    return web.Response(headers={"Sforce-Limit-Info": "x" * 1_000_000})


async def cut_short(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Length": "1000"})
    await answer.prepare(request)
    await answer.write(b"[]")
    assert request.transport is not None
    request.transport.abort()
    return answer


@pytest.mark.parametrize("say", [bomb, endless, wordy, cut_short])
async def test_an_answer_that_is_not_one_is_no_answer(say: Say) -> None:
    async with saying(say) as url, transport() as send:
        with pytest.raises(Unreachable):
            await send(Request("GET", url, answer_limit=LIMIT))


async def test_a_packed_answer_is_unpacked_no_further_than_allowed() -> None:
    async with saying(bomb) as url, transport() as send:
        packed()
        tracemalloc.start()
        try:
            with pytest.raises(Unreachable, match="larger than"):
                await send(Request("GET", url, answer_limit=LIMIT))
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert most < 8 * LIMIT < SAYS


async def test_a_redirect_is_an_answer_and_nothing_is_sent_where_it_leads() -> None:
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": "/stolen"})

    async with saying(elsewhere) as url, transport() as send:
        reply = await send(Request("GET", url, {"Authorization": "Bearer secret"}))

    assert reply.status == 302
    assert seen == ["/services/data"]


def test_every_call_has_its_time() -> None:
    assert TIMEOUT.total == 120
    assert TIMEOUT.sock_connect == 10


async def test_an_answer_that_does_not_come_in_time_is_no_answer() -> None:
    async with running_salesforce("prepared") as org, transport(ClientTimeout(total=0.1)) as send:
        org.control.faults(Faults(rules=(Rule(kind=FaultKind.HANG, seconds=30),)))

        with pytest.raises(TimedOut):
            await send(Request("GET", f"{org.url}/services/data"))


async def test_an_answer_too_large_to_read_is_no_answer() -> None:
    async with running_salesforce("prepared") as org, transport() as send:
        small = Transport(send.session, answer_limit=10)

        with pytest.raises(Unreachable, match="larger than 10 bytes"):
            await small(Request("GET", f"{org.url}/services/data"))


async def test_nobody_listening_is_no_answer() -> None:
    async with transport() as send:
        with pytest.raises(Unreachable):
            await send(Request("GET", "http://127.0.0.1:1/services/data"))
