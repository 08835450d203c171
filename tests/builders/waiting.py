"""Waiting in a test for what another task or process does: there is nothing to be woken by."""

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Return once `holds` is true; TimeoutError after so many seconds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # as said
            await asyncio.sleep(0.005)
