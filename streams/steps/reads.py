"""Reads from FreshBooks, shared: who asks before a read has started gets the same answer."""

import asyncio
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field

from streams.domain.identity import ConnectionName, ObjectKind, RecordId
from streams.ports import Books, Reading

Wanted = tuple[ConnectionName, ObjectKind, int]


@dataclass(eq=False, slots=True)
class Shared:
    """One read and all who wait for it."""

    task: "asyncio.Task[Reading]"
    told: tuple[RecordId, ...] | None = None
    """The records that told what was read, once somebody did."""

    def __await__(self) -> Generator[object, None, Reading]:
        """Wait for the answer; giving up waiting takes it from nobody else."""
        return asyncio.shield(self.task).__await__()


@dataclass(slots=True)
class Reads:
    """The way to FreshBooks for all partitions of a process: `at_once` reads per connection, the rest wait.

    Once a read has started, an event that arrives may be about a later change, so the object is read
    again; but only after the read under way, so that the later answer shows the later state.
    """

    books: Books
    at_once: int = 16
    _line: dict[Wanted, Shared] = field(default_factory=dict)
    _under_way: dict[Wanted, "asyncio.Task[Reading]"] = field(default_factory=dict)
    _turns: dict[ConnectionName, asyncio.Semaphore] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = defaultdict(lambda: asyncio.Semaphore(self.at_once))

    def fresh(self, wanted: Wanted) -> Shared:
        """Start, or join, a read of the object as it is from now on."""
        shared = self._line.get(wanted)
        if shared is None:
            task = asyncio.ensure_future(self._read(wanted, self._under_way.get(wanted)))
            task.add_done_callback(_noticed)
            shared = self._line[wanted] = Shared(task)
        return shared

    async def _read(self, wanted: Wanted, before: "asyncio.Task[Reading] | None") -> Reading:
        if before is not None:
            await asyncio.wait({before})
        async with self._turns[wanted[0]]:
            task = self._under_way[wanted] = self._line.pop(wanted).task
            try:
                return await self.books.read(*wanted)
            finally:
                if self._under_way[wanted] is task:
                    del self._under_way[wanted]


def _noticed(task: "asyncio.Task[Reading]") -> None:
    """Take note of a failure that nobody waits for any more: who needs the object asks again."""
    if not task.cancelled():
        task.exception()
