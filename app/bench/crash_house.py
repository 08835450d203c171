"""The processes that are killed, and what starts them again at once, as an orchestrator would."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from app.bench.crash_plan import Strike
from app.kafka.embedded import single

PAUSE: Final = 0.05
"""Seconds between an end and the next start."""
DRAIN: Final = 15.0


@dataclass(slots=True)
class Role:
    """A role of Freshforce in a process of its own, started again whenever it ends."""

    name: str
    home: Path
    environment: Mapping[str, str]
    module: str = "app.process.role"
    """What is run: the entry of all roles, or one around it."""
    codes: list[int] = field(default_factory=list)
    """How its processes ended, in turn."""
    _process: asyncio.subprocess.Process | None = None
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Start it, and again whenever it ends, until `stop`."""
        self._task = asyncio.create_task(self._keep())

    async def strike(self, strike: Strike) -> bool:
        """Send the signal of `strike`; tell whether there was a process to receive it."""
        process = self._process
        if process is None or not _sent(process, strike.how):
            return False
        if strike.how is signal.SIGSTOP:
            await asyncio.sleep(strike.lasts)
            _sent(process, signal.SIGCONT)
        return True

    async def stop(self) -> None:
        """End it in order, within its time to drain, and start it no more."""
        if self._task is None:
            return
        process, task, self._task = self._process, self._task, None
        if process is not None and _sent(process, signal.SIGTERM):
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), DRAIN)
                self.codes.append(process.returncode or 0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        with (self.home / f"{self.name}.log").open("ab") as log:
            while self._task is not None:
                self.codes.append(await self._once(log))
                await asyncio.sleep(PAUSE)

    async def _once(self, log: IO[bytes]) -> int:
        role = self.name.partition("-")[0]
        command = (sys.executable, "-m", self.module, role, self.name)
        log.write(f"── {self.name} starts\n".encode())
        log.flush()
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **self.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        self._process = process
        try:
            return await process.wait()
        finally:
            _sent(process, signal.SIGKILL)


@dataclass(slots=True)
class Broker:
    """The embedded Kafka; a strike returns when it serves again."""

    home: Path

    async def start(self) -> str:
        """Start it; return its address."""
        return await asyncio.to_thread(single.start, self.home)

    async def strike(self, strike: Strike) -> bool:
        """Kill it, and start it again on the same files and ports."""
        del strike
        node = single.find(self.home)
        if node is None or node.daemon.pid() is None:
            return False
        await asyncio.to_thread(node.kill)
        await self.start()
        return True

    async def stop(self) -> None:
        """Stop it for good."""
        await asyncio.to_thread(single.stop, self.home)


def _sent(process: asyncio.subprocess.Process, number: signal.Signals) -> bool:
    """Tell whether the process was there to get it.

    Not by asyncio's own method: that one may bury the process unseen, and its exit code with it.
    """
    if process.returncode is not None:
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True
