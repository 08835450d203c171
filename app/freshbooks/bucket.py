"""A token bucket: at most so many calls a second, a few at once after a pause."""

import asyncio
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """The pace of one FreshBooks account. Callers pass in the order in which they came."""

    per_second: float
    burst: float = 4.0
    """So many calls may come ahead of the even pace."""
    _next: float = field(default=0.0, init=False)
    """When the next call is due at an even pace, on the event loop's own clock."""

    async def take(self) -> None:
        """Return when a call may be made."""
        now = asyncio.get_running_loop().time()
        due = max(self._next, now)
        self._next = due + 1 / self.per_second
        early = due - now - self.burst / self.per_second
        if early > 0:
            await asyncio.sleep(early)

    def rest(self, seconds: float) -> None:
        """Make no call for so long: FreshBooks asked for quiet."""
        until = asyncio.get_running_loop().time() + seconds + self.burst / self.per_second
        self._next = max(self._next, until)
