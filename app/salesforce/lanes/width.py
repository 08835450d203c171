"""How many lanes an org bears: found by trying, as TCP finds its rate (AIMD).

One lane at first. Each round of full batches with quick answers opens one more, up to a bound; a lock on
rows, a batch that is refused whole or a slow answer closes half of them, once per round; a batch that
leaves half empty beside others closes one, since fewer lanes would have filled it. So a quiet org is
served by one lane, whose batches gather while it is out, and calls stay few.
"""

from dataclasses import dataclass
from typing import Final

MOST: Final = 4
"""Below the five calls of 20 s and longer that a Developer Edition org lets run at once."""
LONG: Final = 15.0
"""Seconds: beyond 20 Salesforce counts a call against the org's few long ones."""
QUICK: Final = 0.25
"""Seconds: an answer within them is quick, whatever is usual."""
_SLOWER: Final = 2.0
"""Times the usual that make an answer slow."""
_FORGETS: Final = 1.05
"""What the usual drifts by per answer: an org that is slower for good is not held to its best days."""


@dataclass(frozen=True, slots=True)
class Trip:
    """How one batch fared."""

    left: float
    back: float
    slowest: float
    """Seconds of its longest call."""
    full: bool
    alone: bool
    """Whether no other call was out when it left."""
    trouble: bool
    """Whether rows were locked, or the whole batch was refused."""


class Width:
    """How many calls may be out at once to one org."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lanes = 1.0
        self._usual = 0.0
        self._narrowed = float("-inf")

    @property
    def lanes(self) -> int:
        """How many lanes are open."""
        return int(self._lanes)

    def learn(self, trip: Trip) -> None:
        """Open or close lanes because of how a batch fared."""
        slow = self._slow(trip)
        if trip.trouble or slow:
            if trip.left >= self._narrowed:  # those already out when lanes were closed tell nothing new
                self._lanes, self._narrowed = max(1.0, self._lanes / 2), trip.back
        elif trip.full:
            self._lanes = min(float(self._most), self._lanes + 1 / self.lanes)
        elif not trip.alone:
            self._lanes = max(1.0, self._lanes - 1 / self.lanes)

    def _slow(self, trip: Trip) -> bool:
        if not trip.full or trip.trouble:
            return trip.slowest > LONG
        usual = self._usual or trip.slowest
        self._usual = min(trip.slowest, usual * _FORGETS)
        return trip.slowest > max(QUICK, usual * _SLOWER) or trip.slowest > LONG
