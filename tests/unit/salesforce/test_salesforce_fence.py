"""A worker that may have lost its partitions sends nothing more, whatever waits in its lanes."""

import asyncio

import pytest
from aiohttp import web

from app.salesforce.lanes import salesforce_rows
from app.salesforce.road import LaneFailed
from tests.builders.lanes import OneKey
from tests.builders.salesforce import ACME, a_connection, an_account


class Fenced(Exception):
    """Stands for the end of the process."""


async def test_nothing_reaches_salesforce_once_the_fence_is_closed() -> None:
    def fence() -> None:
        raise Fenced

    async with salesforce_rows({ACME: a_connection()}, OneKey(), fence=fence) as rows:
        with pytest.raises(LaneFailed, match=Fenced.__name__):
            await asyncio.wait_for(rows.write(an_account()), 2)


async def test_the_fence_is_asked_before_every_request() -> None:
    asked: list[str] = []
    seen: list[str] = []

    async def refuse(request: web.Request) -> web.Response:
        seen.append(request.path)
        assert len(asked) == len(seen)
        return web.Response(status=503)

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    org = a_connection().model_copy(
        update={"salesforce_domain": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    )
    try:
        async with salesforce_rows(
            {ACME: org}, OneKey(), allow_http=True, fence=lambda: asked.append("asked")
        ) as rows:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(rows.write(an_account()), 0.6)
    finally:
        await runner.cleanup()

    assert seen
