"""Waiting to be told to stop, beside what must not end before."""

import asyncio
from typing import Any


async def until_told(stop: asyncio.Event, *chores: "asyncio.Task[Any]") -> None:
    """Return at `stop`; a chore that fails ends the process, which is started again."""
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({stopping, *chores}, return_when=asyncio.FIRST_COMPLETED)
    for each in (stopping, *chores):
        each.cancel()
    await asyncio.gather(stopping, *chores, return_exceptions=True)
    for each in done - {stopping}:
        each.result()
