"""What both vendors of the sandbox are served with: an address, and the real time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

LOCALHOST = "127.0.0.1"
CLOSING_SECONDS = 0.5


def real_time() -> datetime:
    """Read the real clock: the sandbox is a composition root of its own."""
    return datetime.now(UTC)  # noqa: TID251 - here the real clock enters the sandbox


@asynccontextmanager
async def listening(
    served: web.Application, port: int = 0, host: str = LOCALHOST, **limits: Any
) -> AsyncIterator[str]:
    """Serve an application while the with-block lasts; give its URL. Port 0 picks a free one."""
    runner = web.AppRunner(served, access_log=None, shutdown_timeout=CLOSING_SECONDS, **limits)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
