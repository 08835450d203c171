"""Work that outlives the request that began it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from app.desk.works import Work, Works
from app.salesforce.wire.wire import API
from streams.domain.errors import Unreachable

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
async def works() -> AsyncIterator[Works]:
    found = Works(lambda: NOON)
    yield found
    await found.stop()


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_under_way_is_not_begun_twice(works: Works) -> None:
    gate, begun = asyncio.Event(), []

    async def work(it: Work[int]) -> int:
        begun.append(it)
        await gate.wait()
        return 7

    first, second = works.begin("a", work), works.begin("a", work)
    await turn()
    gate.set()
    await turn()

    assert first is second
    assert len(begun) == 1
    assert (first.under_way, first.result) == (False, 7)


async def test_what_is_done_may_be_begun_again(works: Works) -> None:
    async def work(_: Work[int]) -> int:
        return 1

    first = works.begin("a", work)
    await turn()

    assert works.begin("a", work) is not first


async def test_an_error_of_ours_is_kept_for_the_page(works: Works) -> None:
    async def work(_: Work[int]) -> int:
        raise Unreachable(API, "silence")

    begun = works.begin("a", work)
    await turn()

    assert isinstance(begun.error, Unreachable)
    assert not begun.under_way


async def test_progress_counts_what_was_told(works: Works) -> None:
    async def work(it: Work[None]) -> None:
        it.tell("one")
        it.tell("two")

    begun = works.begin("a", work)
    await turn()

    assert (begun.says, begun.steps) == ("two", 2)


async def test_what_is_forgotten_is_known_no_more(works: Works) -> None:
    async def work(_: Work[int]) -> int:
        return 1

    works.begin("a", work)
    works.forget("a")
    works.forget("never begun")

    assert works.get("a") is None
