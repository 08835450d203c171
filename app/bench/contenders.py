"""The systems under test: each a process of its own on the one core that is kept for them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.bench.volley import Volley

LOAD_CPU: Final = 0
"""Of the load generator and the broker."""
TEST_CPU: Final = 1
START: Final = 30.0
"""Seconds for a system to come up."""
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Contender:
    """A system under test, with the connections of the load to it."""

    name: str
    pid: int
    volley: Volley

    def cpu(self) -> float:
        """Return the seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


def share_the_cpus() -> None:
    """Put this process, and all that it starts, on the core of the load.

    Raises:
        OSError: the machine has fewer than two cores.
    """
    os.sched_setaffinity(0, {LOAD_CPU})


@asynccontextmanager
async def contending(
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    ready: Callable[[], "asyncio.Future[bool]"],
) -> AsyncIterator[int]:
    """Run a system on its core from when it is ready; lend its process id."""
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *command),
            env=dict(environment),
            stdout=out,
            stderr=out,
            preexec_fn=_on_the_test_cpu,
        )
    try:
        async with asyncio.timeout(START):
            while not await ready():
                if process.returncode is not None:
                    message = f"{name} ended with {process.returncode}: see {log}"
                    raise RuntimeError(message)
                await asyncio.sleep(0.1)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await _gone(process)


def _on_the_test_cpu() -> None:
    os.sched_setaffinity(0, {TEST_CPU})


async def _gone(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), 12)
    except TimeoutError:
        process.kill()
        await process.wait()
