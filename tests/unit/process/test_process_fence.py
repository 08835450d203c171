"""A process that is frozen on the way to a vendor sends nothing when it wakes up."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectionError, ClientSession, TraceConfig, web

from app.process.fence import fenced
from app.sandbox.serving import listening


class Fenced(Exception):
    """Stands for the end of the process."""


class Vendor:
    """Counts what reaches it."""

    def __init__(self) -> None:
        self.heard = 0
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        await request.read()
        self.heard += 1
        return web.Response()


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    found = Vendor()
    site = web.Application()
    site.router.add_route("*", "/", found.hear)
    async with listening(site) as found.url:
        yield found


class Sleeper:
    """A process that is frozen at one moment of a request."""

    def __init__(self) -> None:
        self.over = False
        self.asked = 0

    def fence(self) -> None:
        self.asked += 1
        if self.over:
            raise Fenced

    async def freeze(self, *_: object) -> None:
        self.over = True


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("POST", {"refresh_token": "once"})])
async def test_frozen_while_it_connects_it_sends_nothing(
    vendor: Vendor, method: str, body: dict[str, str] | None
) -> None:
    process, connecting = Sleeper(), TraceConfig()
    connecting.on_connection_create_end.append(process.freeze)

    async with ClientSession(trace_configs=[connecting, fenced(process.fence)]) as session:
        with pytest.raises(Fenced):
            await session.request(method, vendor.url, data=body)

    assert vendor.heard == 0


async def test_frozen_between_head_and_body_it_sends_neither(vendor: Vendor) -> None:
    process, writing = Sleeper(), TraceConfig()
    writing.on_request_headers_sent.append(process.freeze)

    async with ClientSession(trace_configs=[fenced(process.fence), writing]) as session:
        with pytest.raises(ClientConnectionError):  # the process itself would be gone
            await session.post(vendor.url, data={"refresh_token": "once"})

    assert vendor.heard == 0


async def test_each_request_is_asked_for_and_goes_out_while_nobody_says_no(vendor: Vendor) -> None:
    process = Sleeper()

    async with ClientSession(trace_configs=[fenced(process.fence)]) as session:
        await session.get(vendor.url)
        once = process.asked
        await session.post(vendor.url, data={"a": "b"})

    assert vendor.heard == 2
    assert process.asked > once > 0
