"""Letting go of a client of Kafka's in a task that may be cancelled meanwhile."""

import asyncio
from collections.abc import Awaitable


async def ended(stopping: Awaitable[object]) -> None:
    """Wait until a client of aiokafka's has stopped; who is cancelled meanwhile is cancelled after that.

    aiokafka cancels tasks of its own when it stops, and takes a cancellation of ours for theirs: who was told
    to end just then would go on for ever. One that came before, and is being answered by this stop, is none
    of ours.

    Raises:
        asyncio.CancelledError: we were told to end while the client stopped; it has.
    """
    me = asyncio.current_task()
    told = me.cancelling() if me else 0
    await stopping
    if me and me.cancelling() > told:
        raise asyncio.CancelledError
