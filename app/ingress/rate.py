"""How much one callback may bring: generous for FreshBooks, a wall for a flood."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and so many more each second."""

    at_once: float
    per_second: float


DELIVERIES: Final = Allowance(at_once=20_000, per_second=500)
"""An import of 20,000 clients passes at once; what comes faster for longer is no bookkeeping."""
HANDSHAKES: Final = Allowance(at_once=20, per_second=0.2)
"""FreshBooks sends one per registration; each costs the keeper a call to FreshBooks."""
CONSENTS: Final = Allowance(at_once=20, per_second=1.0)
"""Browsers that come back from FreshBooks, of all connections together: people do not come in crowds."""
REFUSALS: Final = Allowance(at_once=5, per_second=0.05)
"""So many refusals of one kind are worth an audit entry each; the rest are summed up."""


class Buckets:
    """One token bucket per name; names are ours (callbacks), so their number is bounded."""

    def __init__(self, allowance: Allowance) -> None:
        self._brim, self._inflow = allowance.at_once, allowance.per_second
        self._held: dict[str, tuple[float, float]] = {}
        """Name → how much was left, and when."""

    def take(self, name: str, now: float) -> bool:
        """Take one for `name` at `now` (seconds of a clock that never steps back), if one is left."""
        left, then = self._held.get(name, (self._brim, now))
        left += (now - then) * self._inflow
        left = min(left, self._brim)
        allowed = left >= 1
        self._held[name] = (left - allowed, now)
        return allowed
