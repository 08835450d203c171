"""Our share of an org's daily API calls: counted here, against the limit that every answer states."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HOUR: Final = 3600.0
WINDOW: Final = 24
"""Salesforce counts the calls of the last 24 hours, not of a calendar day."""

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")


@dataclass(slots=True)
class Budget:
    """The calls that this process made to one org within the last 24 hours, per hour."""

    limit: int | None = None
    """The org's daily calls; unknown until the first answer."""
    used: int = 0
    """By everybody, as the org last said."""
    _hours: deque[list[int]] = field(default_factory=deque)

    def count(self, now: float) -> None:
        """Count one call made at `now` (seconds of any steady clock)."""
        hour = int(now // HOUR)
        if not self._hours or self._hours[-1][0] != hour:
            self._hours.append([hour, 0])
        self._hours[-1][1] += 1

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of the org's use and limit."""
        if found := _USAGE.search(headers.get("sforce-limit-info", "")):
            self.used, self.limit = int(found[1]), int(found[2])

    def spent(self, now: float) -> int:
        """Return how many calls we made within the window."""
        self._forget(now)
        return sum(calls for _, calls in self._hours)

    def rest(self, share: float, now: float) -> float:
        """Return for how many seconds to call no more, so that we stay within `share` of the limit."""
        if not self.limit or self.spent(now) < self.limit * share:
            return 0.0
        return (self._hours[0][0] + 1 + WINDOW) * HOUR - now

    def _forget(self, now: float) -> None:
        oldest = int(now // HOUR) - WINDOW
        while self._hours and self._hours[0][0] < oldest:
            self._hours.popleft()
