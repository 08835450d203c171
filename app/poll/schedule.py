"""When each connection is polled: as its settings say, never twice at a time, only while it is ours."""

import asyncio
import random
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.domain.timetable import WANDER
from streams.loop.contract import Clock

AGAIN: Final = 30.0
"""Seconds after which a pass that failed is tried again; the connection's own interval if that is less."""
GLANCE: Final = 1.0
"""Seconds between two looks at the interval: a person may have shortened it."""

_log = structlog.get_logger(__name__)


class Passes(Protocol):
    """What is done for one connection again and again."""

    async def run_pass(self) -> int:
        """Do it once; return how much there was to do.

        Raises:
            FreshforceError: it could not be done; it is tried again soon.
        """
        ...


Rests = Callable[[Connection, datetime], timedelta]
"""How long after a moment the next pass is due."""


@dataclass(slots=True)
class Schedule:
    """Starts and stops a task per connection that is ours and connected."""

    make: Callable[[Connection], Passes]
    clock: Clock
    rests: Rests = Connection.rests
    first: Callable[[Connection], bool] = lambda connection: not connection.poll_at
    """Whether a connection that becomes ours gets a pass at once; where times are set, it waits for them."""
    what: str = "poll"
    """How the log calls it."""
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    ill: dict[str, str] = field(default_factory=dict)
    """Why the last pass of a connection failed, by name."""
    dropped: Callable[[str], object] = lambda _: None
    """Told which connection is ours no longer, or removed."""
    again: float = AGAIN
    glance: float = GLANCE
    _wanted: dict[str, Connection] = field(default_factory=dict)

    def look(self, connections: Iterable[Connection], ours: Container[str]) -> None:
        """Start what is missing, stop what is no longer ours; settings that changed are followed.

        A task that ended has failed for a reason that is none of FreshBooks' or Kafka's: that is raised.
        """
        self._wanted = {c.name: c for c in connections if c.freshbooks_account_id and c.name in ours}
        for name in [name for name in self.tasks if name not in self._wanted]:
            self.tasks.pop(name).cancel()
            self.ill.pop(name, None)
            self.dropped(name)
        for name, connection in self._wanted.items():
            if name not in self.tasks:
                self.tasks[name] = asyncio.create_task(self._poll(connection))
            elif self.tasks[name].done():
                self.tasks[name].result()

    async def stop(self) -> None:
        """Stop all; what a pass has not said is found by the next one."""
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def _poll(self, connection: Connection) -> None:
        passes = self.make(connection)
        if not self.first(connection):
            put_off_at_most = timedelta(seconds=connection.poll_jitter_seconds)
            await self._rest(connection, done=True, ended=self.clock() - put_off_at_most)
        while True:
            done = await self._pass(connection, passes)
            await self._rest(connection, done=done)

    async def _pass(self, connection: Connection, passes: Passes) -> bool:
        """Make one pass; tell whether it could be made."""
        try:
            found = await passes.run_pass()
        except FreshforceError as error:
            _log.warning(f"{self.what}.failed", connection=connection.name, code=error.code, why=str(error))
            self.ill[connection.name] = error.code
            return False
        self.ill.pop(connection.name, None)
        _log.info(f"{self.what}.done", connection=connection.name, events=found)
        return True

    async def _rest(self, connection: Connection, *, done: bool, ended: datetime | None = None) -> None:
        """Wait until the next pass is due, by the settings as they are then.

        Nobody knows of a pass before the first: one that was put off when its process ended is made up for.
        An interval is measured by a clock that nobody sets; a time of day is what the clock on the wall says.
        """
        ticks = asyncio.get_running_loop().time
        began, ticked, chance = ended or self.clock(), ticks(), random.random()  # noqa: S311  # no secret
        while True:
            its = self._wanted.get(connection.name, connection)
            ticking = ticks() - ticked
            passed = (self.clock() - began).total_seconds() if its.poll_at else ticking
            left = put_off(its, self.rests(its, began).total_seconds(), chance) - passed
            left = left if done else min(left, self.again - ticking)
            if left <= 0:
                return
            await asyncio.sleep(min(left, self.glance))


def put_off(connection: Connection, rest: float, chance: float) -> float:
    """Return `rest` seconds and some jitter: by `chance`, from 0 to 1, all that is allowed or none of it."""
    return rest + chance * min(connection.poll_jitter_seconds, rest * WANDER)
