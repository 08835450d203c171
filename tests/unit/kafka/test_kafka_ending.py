"""A client that is let go of while its task is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiokafka.client import AIOKafkaClient

from app.kafka.ending import ended


async def slow_to_end() -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(0.01)


async def stopping(stop: Callable[[Awaitable[object]], Awaitable[object]]) -> asyncio.Task[str]:
    """A task that lets go of a client, cancelled while that ends a task of its own."""
    client = AIOKafkaClient()
    client._sync_task = asyncio.create_task(slow_to_end())

    async def goes_on() -> str:
        await stop(client.close())
        return "went on"

    await asyncio.sleep(0)
    task = asyncio.create_task(goes_on())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return task


async def test_aiokafka_swallows_a_cancellation_while_it_stops() -> None:
    async def bare(stop: Awaitable[object]) -> None:
        await stop

    assert (await stopping(bare)).result() == "went on"


async def test_who_is_told_to_end_while_a_client_stops_ends() -> None:
    assert (await stopping(ended)).cancelled()


async def test_a_time_limit_that_passes_while_a_client_stops_is_a_time_limit() -> None:
    async def within(stop: Awaitable[object]) -> None:
        async with asyncio.timeout(0.001):
            await ended(stop)

    client = AIOKafkaClient()
    client._sync_task = asyncio.create_task(slow_to_end())
    await asyncio.sleep(0)

    with pytest.raises(TimeoutError):
        await within(client.close())


async def test_a_cancellation_that_is_being_answered_by_the_stop_is_not_said_twice() -> None:
    said = list[str]()

    async def answers() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await ended(asyncio.sleep(0))
            said.append("stopped")
            raise

    task = asyncio.create_task(answers())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert (said, task.cancelled()) == (["stopped"], True)
