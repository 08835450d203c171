"""The view's composition root: follow the audit topic into the database until told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.kafka.client import client_options
from app.kafka.pulse import Pulse
from app.process.chores import until_told
from app.process.fail import CLEAN
from app.process.health import serve
from app.settings import Settings
from app.view.figures import figures
from app.view.follow import Follower
from app.view.ready import readiness
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
        pulse = Pulse()
        report = partial(_report, follower, pulse)
        health = await serve(name, settings.home, report, figures(follower))
        house.push_async_callback(health.cleanup)
        await _until(stop, follower, pulse)
    return CLEAN


async def _until(stop: asyncio.Event, follower: Follower, pulse: Pulse) -> None:
    """Follow until `stop`; a failure of the database or of Kafka ends the process, which is started again.

    Of a database's failure its name alone is told.
    """
    try:
        await until_told(
            stop, asyncio.create_task(follower.run()), asyncio.create_task(pulse.feel(follower.ends))
        )
    except DBAPIError as error:
        api = "the view's database"
        raise Unreachable(api, complaint(error)) from None


def _report(follower: Follower, pulse: Pulse) -> Mapping[str, Any]:
    return readiness(
        {
            "lag": follower.lag,
            "unreadable": follower.unreadable,
            "stored": {str(partition): link.offset + 1 for partition, link in follower.heads.items()},
        },
        answers=pulse.beats,
        rested=asyncio.get_running_loop().time() - follower.stepped,
    )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the view's one look at the calendar
