"""Keeps the roles running: one process each, started again when it fails, told to stop when we are."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.process.fail import ASIDE, BURIED, CLEAN, MISCONFIGURED, MISUSE

DRAIN: Final = 10.0
"""Seconds that a role gets to finish what is under way."""

_FINAL: Final = {
    CLEAN: "it ended by itself",
    MISUSE: "a setting is wrong: mend it and start again",
    BURIED: "too many messages could not be handled: look at `freshforce deadletters list`",
    MISCONFIGURED: "something is set up wrong: its last line says what and how to mend it",
}
"""Exit codes after which starting again would not help, and why."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep: its name and its command line."""

    name: str
    command: tuple[str, ...]


def child(role: str, name: str) -> Child:
    """Return the child that runs `role`."""
    return Child(name, (sys.executable, "-m", "app.process.role", role, name))


@dataclass(slots=True)
class Backoff:
    """How long to wait before the next start: longer with every failure, short again after a good run."""

    least: float = 0.2
    most: float = 30.0
    good: float = 60.0
    """Seconds after which a run counts as good."""
    _next: float = field(default=0.0)

    def after(self, lived: float) -> float:
        """Return the seconds to wait after a run that lived so long."""
        self._next = self.least if lived >= self.good or not self._next else min(self._next * 2, self.most)
        return self._next


def noted_by_nobody(_name: str) -> None:
    """Let whoever failed be missed by nobody."""


class Supervisor:
    """Runs children until all have ended for good, or until it is told to stop."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        drain: float = DRAIN,
        least: float = 0.2,
        missed: Callable[[str], object] = noted_by_nobody,
    ) -> None:
        """Keep `children`; `missed` hears the name of each that did not end in order."""
        self._children, self._drain, self._least, self._missed = children, drain, least, missed
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Pass the word on: every child finishes what is under way, within ten seconds."""
        self._stop.set()

    async def run(self) -> int:
        """Return 0 when all was well, else the code of the first child that gave up or had to be killed."""
        codes = await asyncio.gather(*map(self._keep, self._children))
        return next((code for code in codes if code), CLEAN)

    async def _keep(self, kept: Child) -> int:
        backoff, loop = Backoff(self._least), asyncio.get_running_loop()
        while True:
            began = loop.time()
            code = await self._once(kept)
            if code != CLEAN:
                self._missed(kept.name)
            if self._stop.is_set() or code in _FINAL:
                return self._told(kept, code)
            if code == ASIDE:
                continue
            pause = backoff.after(loop.time() - began)
            _log.warning("role.restarts", role=kept.name, code=code, seconds=pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), pause)
            if self._stop.is_set():
                return CLEAN

    async def _once(self, kept: Child) -> int:
        """Run a child until it ends, or until we must stop it; return its exit code."""
        process = await asyncio.create_subprocess_exec(*kept.command)
        _log.info("role.starts", role=kept.name, pid=process.pid)
        ended, told = asyncio.create_task(process.wait()), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await self._end(process, kept)
            return await ended
        finally:
            told.cancel()
            if not ended.done():
                process.kill()

    async def _end(self, process: asyncio.subprocess.Process, kept: Child) -> None:
        with suppress(ProcessLookupError):  # Ctrl-C reaches it too: it may be gone before we are told
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self._drain)
            except TimeoutError:
                _log.error("role.killed", role=kept.name, why=f"not done within {self._drain:g} s")
                process.kill()

    @staticmethod
    def _told(kept: Child, code: int) -> int:
        if code in {CLEAN, -signal.SIGTERM}:  # the second: told to stop before it had begun
            _log.info("role.ended", role=kept.name)
            return CLEAN
        why = _FINAL.get(code, "it was told to stop and could not do so in order")
        _log.error("role.gives-up", role=kept.name, code=code, why=why)
        return code
