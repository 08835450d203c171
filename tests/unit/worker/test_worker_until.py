"""What ends a worker's work: to be told, to be asked aside, or not to know any more whether Kafka answers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest

from app.process.fail import ASIDE, CLEAN
from app.worker.main import _until


@dataclass
class FakeReplays:
    """Replays that ask the worker aside when a test says so."""

    wanted: asyncio.Event = field(default_factory=asyncio.Event)

    async def asked(self) -> None:
        await self.wanted.wait()


async def feeling(failure: Exception | None = None) -> NoReturn:
    if failure is not None:
        raise failure
    await asyncio.Event().wait()
    raise AssertionError


async def ended(replays: Any, stop: asyncio.Event, failure: Exception | None = None) -> int:
    felt = asyncio.create_task(feeling(failure))
    try:
        return await _until(stop, replays, felt)
    finally:
        felt.cancel()


async def test_a_worker_that_is_told_to_stop_ends_in_order() -> None:
    stop = asyncio.Event()
    stop.set()

    assert await ended(FakeReplays(), stop) == CLEAN


async def test_a_worker_that_is_asked_aside_says_so_by_its_code() -> None:
    replays = FakeReplays()
    replays.wanted.set()

    assert await ended(replays, asyncio.Event()) == ASIDE


async def test_a_worker_that_feels_kafka_no_longer_ends_with_why() -> None:
    with pytest.raises(RuntimeError, match="lost its touch"):
        await ended(FakeReplays(), asyncio.Event(), RuntimeError("lost its touch"))
