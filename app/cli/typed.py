"""What a person types while something else may come first."""

import asyncio
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field

import click


@dataclass(slots=True)
class Typed:
    """Asks on the terminal, one question at a time; waiting for a line keeps nobody from leaving.

    A line that was waited for in vain answers the next question: it is the same person at the same keyboard.
    """

    _lines: "asyncio.Queue[str | None]" = field(default_factory=asyncio.Queue)
    _waiting: bool = False

    async def answer(self, question: str) -> str | None:
        """Return the line typed in answer to `question`; None when there is nobody to type one."""
        click.echo(question, err=True, nl=False)
        if not self._waiting:
            self._waiting = True
            reading = threading.Thread(target=self._read, args=(asyncio.get_running_loop(),), daemon=True)
            reading.start()
        line = await self._lines.get()
        self._waiting = False
        return line

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        line = sys.stdin.readline()
        with suppress(RuntimeError):  # the command has ended meanwhile
            loop.call_soon_threadsafe(self._lines.put_nowait, line.strip() if line else None)
