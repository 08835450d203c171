"""Work that takes longer than a page may: begun by a form, told of by the page while it lasts."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from streams.domain.errors import FreshforceError
from streams.loop.contract import Clock

T = TypeVar("T")


@dataclass(slots=True)
class Work(Generic[T]):
    """One work: under way, done, or failed."""

    begun_at: datetime
    says: str = ""
    """What is being done right now."""
    steps: int = 0
    """How many things were done so far."""
    of: int = 0
    """How many things there are to do at most; 0 when nobody knows."""
    result: T | None = None
    error: FreshforceError | None = None
    ended_at: datetime | None = None
    beside: object = None
    """What its page found out once, so that it asks nobody again while the work lasts."""

    @property
    def under_way(self) -> bool:
        """Tell whether it still lasts."""
        return self.ended_at is None

    def tell(self, doing: str) -> None:
        """Say what is being done now."""
        self.says = doing
        self.steps += 1


@dataclass(slots=True)
class Works:
    """The newest work of each key, in memory: whatever it achieved stands at the vendors and in Kafka."""

    clock: Clock
    _works: dict[Hashable, Work[Any]] = field(default_factory=dict)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def get(self, key: Hashable) -> Work[Any] | None:
        """Return the newest work of `key`."""
        return self._works.get(key)

    def begin(self, key: Hashable, work: Callable[[Work[T]], Awaitable[T]]) -> Work[T]:
        """Begin `work`, unless the same is under way."""
        before = self._works.get(key)
        if before is not None and before.under_way:
            return before
        begun: Work[T] = Work(self.clock())
        self._works[key] = begun
        task = asyncio.create_task(self._run(begun, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return begun

    def forget(self, key: Hashable) -> None:
        """Forget what is known by `key`: it is no longer true."""
        self._works.pop(key, None)

    async def stop(self) -> None:
        """Give up what is under way: all of it can be begun again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, begun: Work[T], work: Callable[[Work[T]], Awaitable[T]]) -> None:
        try:
            begun.result = await work(begun)
        except FreshforceError as error:
            begun.error = error
        finally:
            begun.ended_at = self.clock()
