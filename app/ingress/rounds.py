"""When windows leave: all lanes together, the next round when the last one has arrived.

Together they fill one request to a broker; one by one each would cost as much as all.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from app.ingress.lane import Lane

LINGER: Final = 0.002
"""Seconds that the first record of a round waits for company."""
STALL: Final = 0.05
"""Seconds after which a round waits no longer for its slowest lane."""


class Rounds:
    """Lets the lanes' windows leave."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = lanes
        self._loop = asyncio.get_running_loop()
        self._under_way = 0
        self._timer: asyncio.TimerHandle | None = None
        for lane in lanes:
            lane.arrived = self._arrived

    def call(self) -> None:
        """Something has been added: it leaves soon, or with the round after the one under way."""
        if self._timer is None:
            self._timer = self._loop.call_later(LINGER, self._leave)

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        ready = [lane for lane in self._lanes if lane.ready]
        self._under_way = len(ready)
        self._timer = self._loop.call_later(STALL, self._stalled) if ready else None
        for lane in ready:
            lane.leave()

    def _arrived(self) -> None:
        self._under_way -= 1
        if self._under_way <= 0:
            self._leave()

    def _stalled(self) -> None:
        """Go on without the lanes that are slow; each may leave again when it arrives."""
        self._timer = None
        self._leave()
