"""Saying why a backfill waits: in its bar at every look; beside it when it lasts, for whoever sees no bar."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.poll.pace import STILL, Waiting

AGAIN: Final = 600.0
"""Seconds until a line is repeated, so that hours in cron fill no mailbox."""


@dataclass(slots=True)
class Telling:
    """Hears of every look of a `Pace`."""

    bar: Callable[[str | None], object]
    """Shows why; None when it goes on."""
    line: Callable[[str], object]
    """Writes a line that stays."""
    clock: Callable[[], float]
    """Seconds of a clock that is never set."""
    _said: float | None = None

    def __call__(self, waiting: Waiting | None) -> None:
        """Show why it waits, or that it goes on."""
        why = None if waiting is None else f"waits {waiting.why}"
        self.bar(why)
        if why and waiting and waiting.seconds >= STILL and self._is_due():
            self._said = self.clock()
            self.line(why)

    def _is_due(self) -> bool:
        return self._said is None or self.clock() - self._said >= AGAIN
