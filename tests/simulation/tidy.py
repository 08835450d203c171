"""Playing a story so that nothing of it is left behind in the event loop."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def tidy(story: Awaitable[T]) -> T:
    """Return what `story` returns; what it left under way is ended."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)  # what a killed process had under way fails unseen
    try:
        return await story
    finally:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
