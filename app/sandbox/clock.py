"""The sandbox's clock: real time plus what it was moved by; every write gets a moment of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)


class MovableClock:
    """Tells the time of the simulated vendors; `advance` and `set` move it, `stop` freezes it.

    `read` is the real clock, given by the composition root.
    """

    def __init__(self, read: Callable[[], datetime]) -> None:
        self._read = read
        self._moved = timedelta()
        self._stopped: datetime | None = None
        self._last_tick = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return self._stopped if self._stopped is not None else self._read() + self._moved

    def tick(self) -> datetime:
        """Return the present moment for a write: later than every tick since the clock was last set."""
        self._last_tick = max(self.now(), self._last_tick + MICROSECOND)
        return self._last_tick

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or, with a negative `by`, back)."""
        self.set(self.now() + by, stopped=self._stopped is not None)

    def set(self, moment: datetime, *, stopped: bool = False) -> None:
        """Make it `moment` now; with `stopped` it stays so until moved again."""
        self._moved = moment - self._read()
        self._stopped = moment if stopped else None
        self._last_tick = min(self._last_tick, moment)
