"""The org's allowance: API calls in the last 24 hours, and how many may run long at once."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from app.sandbox.salesforce.refusal import Code, Problem, Refusal

DAY = timedelta(hours=24)
GRAIN = timedelta(minutes=1)
ALL_CALLS, LONG_CALLS = "TotalRequests", "ConcurrentPerOrgLongTxn"
LONG = timedelta(seconds=20)


class Limits:
    """Counts calls by the minute; a call falls out of the count 24 hours later."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._minutes: deque[tuple[datetime, int]] = deque()
        self._running: dict[int, datetime] = {}
        self._next = 0
        self.used = 0
        self.daily = 100_000
        self.of_app: int | None = None
        """What the admin grants our app alone; then the header counts it apart."""
        self.used_by_app = 0
        self.long_running = 25

    def count(self) -> None:
        """Count one call against the allowance.

        Raises:
            Refusal: the allowance is used up, or too many long calls run (REQUEST_LIMIT_EXCEEDED).
        """
        now = self._now()
        self._forget(now)
        if self.used >= self.daily:
            raise _exceeded(ALL_CALLS)
        if len(self._running) > self.long_running and self._long(now) >= self.long_running:
            raise _exceeded(LONG_CALLS)
        if self.of_app is not None and self.used_by_app >= self.of_app:
            raise _exceeded(ALL_CALLS)
        self._add(now, 1)
        self.used_by_app += 1

    def use(self, used: int) -> None:
        """Say that `used` calls were made, all just now."""
        self._minutes.clear()
        self.used = 0
        self._add(self._now(), used)

    def header(self) -> str:
        """Return what `Sforce-Limit-Info` says."""
        everybody = f"api-usage={self.used}/{self.daily}"
        if self.of_app is None:
            return everybody
        return f"{everybody}; per-app-api-usage={self.used_by_app}/{self.of_app}(appName=freshforce)"

    def remaining(self) -> int:
        """Return how many calls may still be made."""
        self._forget(self._now())
        return max(0, self.daily - self.used)

    def begin(self) -> int:
        """Note that a request runs; returns what `end` wants."""
        self._next += 1
        self._running[self._next] = self._now()
        return self._next

    def end(self, running: int) -> None:
        """Note that a request is over."""
        del self._running[running]

    def _add(self, now: datetime, calls: int) -> None:
        self.used += calls
        if self._minutes and now - self._minutes[-1][0] < GRAIN:
            began, held = self._minutes.pop()
            self._minutes.append((began, held + calls))
        else:
            self._minutes.append((now, calls))

    def _forget(self, now: datetime) -> None:
        while self._minutes and now - self._minutes[0][0] >= DAY:
            self.used -= self._minutes.popleft()[1]

    def _long(self, now: datetime) -> int:
        return sum(now - began >= LONG for began in self._running.values())


def _exceeded(which: str) -> Refusal:
    problem = Problem(Code.REQUEST_LIMIT_EXCEEDED, f"{which} Limit exceeded.")
    return Refusal(problem, status=HTTPStatus.FORBIDDEN, whole=True)
