"""Says when workers that should do something do not move: whoever waits must not wait for nobody."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

STILL: Final = 30.0
"""Seconds without a move after which it is said: workers that return need some."""
AGAIN: Final = 600.0
"""Seconds until it is said again."""


@dataclass(slots=True)
class Standstill:
    """Hears how much is done, of how much, and passes it on."""

    move: Callable[[int, int], object]
    line: Callable[[str], object]
    """Writes a line that stays."""
    clock: Callable[[], float]
    """Seconds of a clock that is never set."""
    _at: tuple[int, int] = field(default=(-1, -1), init=False)
    _due: float = field(default=0.0, init=False)

    def __call__(self, done: int, total: int) -> None:
        """Pass it on; say so when nothing has moved for long though something is left."""
        self.move(done, total)
        if (done, total) != self._at:
            self._at, self._due = (done, total), self.clock() + STILL
        elif done < total and self.clock() >= self._due:
            self._due = self.clock() + AGAIN
            self.line(
                f"no worker moves: {total - done:,} messages are to be done yet. Is one running"
                " (freshforce health), and Salesforce there (freshforce ping)? It goes on by itself then;"
                " Ctrl-C leaves it as it is"
            )
