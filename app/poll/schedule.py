"""When each connection is polled: every so many seconds, never twice at a time, only while it is ours."""

import asyncio
import random
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError

JITTER: Final = 0.1
"""Part of the interval by which passes wander, so that many connections do not ask at once."""
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


def _as_set(connection: Connection) -> float:
    return float(connection.poll_every_seconds)


@dataclass(slots=True)
class Schedule:
    """Starts and stops a task per connection that is ours and connected."""

    make: Callable[[Connection], Passes]
    every: Callable[[Connection], float] = _as_set
    what: str = "poll"
    """How the log calls it."""
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
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
        while True:
            await self._rest(connection, done=await self._pass(connection, passes))

    async def _pass(self, connection: Connection, passes: Passes) -> bool:
        """Make one pass; tell whether it could be made."""
        try:
            found = await passes.run_pass()
        except FreshforceError as error:
            _log.warning(f"{self.what}.failed", connection=connection.name, code=error.code, why=str(error))
            return False
        _log.info(f"{self.what}.done", connection=connection.name, events=found)
        return True

    async def _rest(self, connection: Connection, *, done: bool) -> None:
        """Wait until the next pass is due, by the settings as they are then."""
        clock = asyncio.get_running_loop().time
        began, wander = clock(), random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
        while (left := began + self._every(connection, done=done) * wander - clock()) > 0:  # noqa: ASYNC110  # settings ring no bell
            await asyncio.sleep(min(left, self.glance))

    def _every(self, connection: Connection, *, done: bool) -> float:
        every = self.every(self._wanted.get(connection.name, connection))
        return every if done else min(every, self.again)
