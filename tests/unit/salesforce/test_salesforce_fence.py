"""A worker that may have lost its partitions sends nothing more, whatever waits in its lanes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from app.salesforce.lanes.lanes import salesforce_rows
from app.salesforce.lanes.road import LaneFailed
from app.sandbox.serving import listening
from tests.builders.lanes import OneKey
from tests.builders.salesforce import ACME, a_connection, an_account


class Fenced(Exception):
    """Stands for the end of the process."""


class Org:
    """Refuses, and remembers what reached it."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.connection = a_connection()

    async def refuse(self, request: web.Request) -> web.Response:
        self.seen.append(request.path)
        return web.Response(status=503)


@pytest.fixture
async def org() -> AsyncIterator[Org]:
    found = Org()
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", found.refuse)
    async with listening(site) as url:
        found.connection = a_connection().model_copy(update={"salesforce_domain": url})
        yield found


async def test_nothing_reaches_salesforce_once_the_fence_is_closed(org: Org) -> None:
    def fence() -> None:
        raise Fenced

    async with salesforce_rows({ACME: org.connection}, OneKey(), allow_http=True, fence=fence) as rows:
        with pytest.raises(LaneFailed, match=Fenced.__name__):
            await asyncio.wait_for(rows.write(an_account()), 2)

    assert not org.seen


async def test_the_fence_is_asked_before_every_request(org: Org) -> None:
    asked: list[int] = []

    async with salesforce_rows(
        {ACME: org.connection}, OneKey(), allow_http=True, fence=lambda: asked.append(len(org.seen))
    ) as rows:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(rows.write(an_account()), 0.6)

    assert set(asked) >= set(range(len(org.seen))) > set()
