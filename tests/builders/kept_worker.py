"""A counting worker that is started again whenever it ends, as the supervisor would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.builders.run import Run

PAUSE = 0.2
PATIENCE = 90.0


@dataclass
class KeptWorker:
    """What became of the worker of a run."""

    run: Run
    codes: list[int] = field(default_factory=list)
    """How its processes ended, in turn."""

    async def keep(self) -> None:
        """Start it again whenever it ends."""
        while True:
            (process,) = self.run.processes.values()
            while process.poll() is None:  # noqa: ASYNC110  # a thread that waits could not be called off
                await asyncio.sleep(0.05)
            self.codes.append(process.returncode)
            await asyncio.sleep(PAUSE)
            self.run.start()

    @asynccontextmanager
    async def fed(self, rate: int) -> AsyncIterator[None]:
        """Feed it so many events a second; in the end it must have done all of them, rightly."""
        enough = asyncio.Event()
        feeding = asyncio.create_task(self._feed(rate, enough))
        try:
            yield
        finally:
            enough.set()  # not by cancelling: what is sent must be known to the last event
            await feeding
        await self.run.caught_up(PATIENCE)
        lost = set(range(self.run.sent)) - set(await self.run.said())
        assert not lost, f"{len(lost)} of {self.run.sent}, from {min(lost)} to {max(lost)}"
        assert await self.run.table() == self.run.right_table()
        assert {*self.codes} <= {70}, self.run.log.read_text()[-3000:]

    async def _feed(self, rate: int, enough: asyncio.Event) -> None:
        while not enough.is_set():
            await self.run.feed(rate, rate=rate)


@asynccontextmanager
async def kept_worker(run: Run) -> AsyncIterator[KeptWorker]:
    """Keep a worker running."""
    await run.create()
    kept = KeptWorker(run)
    run.start()
    keeping = asyncio.create_task(kept.keep())
    try:
        await run.ready()
        yield kept
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await asyncio.to_thread(run.end)
