"""The processes of the demo: the sandbox and Freshforce, each started as a user would start it."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.process.parent import die_with_parent

STOP_SECONDS: Final = 15.0
PATIENCE: Final = 120.0
"""Seconds until a command that has not ended is taken for hung: each has shorter patience of its own."""
PROGRAM: Final = (sys.executable, "-m", "app")


class CommandFailed(Exception):
    """A command of the demo ended with an error; `said` is what it told a person."""

    def __init__(self, words: tuple[str, ...], code: int | None, said: str) -> None:
        ended = "" if code is None else f" exit code {code}"
        super().__init__(f"freshforce {' '.join(words)}:{ended}\n{said}")


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the demo lives: its state folder, the environment of its commands, the log of its roles.

    Commands run in that folder and see no setting but these: somebody's `.env` may name a real Kafka.
    """

    home: Path
    environment: Mapping[str, str]

    async def command(self, *words: str, width: int = 0) -> str:
        """Run `freshforce WORDS` to its end and return what it printed, for a screen of so many columns.

        Raises:
            CommandFailed: it ended with another code than 0, or did not end.
        """
        process = await asyncio.create_subprocess_exec(
            *PROGRAM,
            *words,
            cwd=self.home,
            env=self._environment() | ({"COLUMNS": str(width)} if width else {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        except TimeoutError:
            raise CommandFailed(words, None, f"it was not done within {PATIENCE:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            raise CommandFailed(words, process.returncode, err.decode() + out.decode())
        return out.decode()

    async def begin(self, *words: str) -> asyncio.subprocess.Process:
        """Start `freshforce WORDS` and leave it running; its log goes to a file named after it."""
        with (self.home / f"{words[0]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *PROGRAM,
                *words,
                cwd=self.home,
                env=self._environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours: we end the processes, in their order
                preexec_fn=die_with_parent,
            )

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRESHFORCE_")}
        return inherited | dict(self.environment)


async def end(process: asyncio.subprocess.Process) -> None:
    """Stop a process in order, or after a while by force."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
