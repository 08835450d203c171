"""The view's composition root: follow the audit topic into the database until told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.kafka.client import client_options
from app.process.fail import CLEAN
from app.process.health import serve
from app.settings import Settings
from app.view.figures import figures
from app.view.follow import Follower
from app.view.roots import FILE, Days
from app.view.soundness import complaint, put_aside_damaged
from app.view.store import Store
from streams.domain.errors import Unreachable


async def main(settings: Settings, name: str) -> int:
    """Follow until SIGTERM or SIGINT; return the exit code. A batch under way is finished or rolled back."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    settings.home.mkdir(parents=True, exist_ok=True)
    put_aside_damaged(settings.database)
    async with contextlib.AsyncExitStack() as house:
        store = await Store.open(settings.database)
        house.push_async_callback(store.close)
        days = Days(settings.home / FILE, _now)
        follower = Follower(store, client_options(settings), up_to_date=days.passed)
        house.push_async_callback(follower.stop)
        await follower.start()
        health = await serve(name, settings.home, lambda: _report(follower), figures(follower))
        house.push_async_callback(health.cleanup)
        await _until(stop, follower)
    return CLEAN


async def _until(stop: asyncio.Event, follower: Follower) -> None:
    """Follow until `stop`; a failure of the database or of Kafka ends the process, which is started again."""
    following = asyncio.create_task(follower.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({following, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if following.done():
        _tell(following)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following


def _tell(following: "asyncio.Task[None]") -> None:
    """Raise what ended the following; of a database's failure its name alone."""
    try:
        following.result()
    except DBAPIError as error:
        api = "the view's database"
        raise Unreachable(api, complaint(error)) from None


def _report(follower: Follower) -> Mapping[str, Any]:
    stored = {str(partition): link.offset + 1 for partition, link in follower.heads.items()}
    return {"ready": True, "lag": follower.lag, "unreadable": follower.unreadable, "stored": stored}


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the view's one look at the calendar
