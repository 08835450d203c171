"""What must not go on silently: commits that stand still, a rebalance without end, a frozen process."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from streams.loop.contract import Die

TOO_LONG: Final = 0.8
"""Part of the session: Kafka counts from our last heartbeat, which came a little before the freeze."""
IN_A_ROW: Final = 5
"""Rebalances that may follow each other, each of them as long as patience is."""


def steady() -> float:
    """Return seconds since some moment; they go on while the machine sleeps, where it can tell.

    The event loop's own clock would not do: uvloop's shows when the loop last turned, before a freeze.
    No clock sees that a hypervisor paused the machine; against that there are epochs alone.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Standstill(RuntimeError):
    """Something that moves in a sound worker has stopped; a new process begins at the last commit."""


class Mark(NamedTuple):
    """Where Kafka would read on, and when that was last where it should be."""

    offset: int
    since: float


@dataclass(slots=True)
class Watch:
    """Looks every second, and ends the process when it must.

    `patience` is in seconds, with commits and with each rebalance. Frozen for nearly as long as `session`,
    a worker may have lost its partitions without knowing: it ends before it can write over what another
    one has already written.
    """

    die: Die
    settled: Callable[[], bool]
    """Tells whether the worker has its partitions and tables."""
    progress: Callable[[], int]
    """Rises while tables are being loaded."""
    session: float
    patience: float = 30.0
    every: float = 1.0
    clock: Callable[[], float] = steady
    _done: dict[Any, int] = field(default_factory=dict)
    _committed: dict[Any, Mark] = field(default_factory=dict)
    _looked: float = 0.0
    _unsettled: tuple[int, float] = (0, 0.0)
    _rebalances: int = 0

    def done(self, spot: Any, offset: int) -> None:
        """Note that all up to `offset` is done; called in read order."""
        self._done[spot] = offset

    def committed(self, offsets: Mapping[Any, int]) -> None:
        """Note that Kafka has committed `offsets`: the next ones to read."""
        now = self.clock()
        for spot, offset in offsets.items():
            self._committed[spot] = Mark(offset, now)

    def position(self, spot: Any) -> int:
        """Return the next offset that is not done."""
        mark = self._committed.get(spot)
        return max(self._done.get(spot, -1) + 1, 0 if mark is None else mark.offset)

    def forget(self) -> None:
        """Forget all offsets: the partitions are being given out anew, and that takes its time anew."""
        self._done.clear()
        self._committed.clear()
        self._rebalances += 1
        if self._rebalances <= IN_A_ROW:
            self._unsettled = (self.progress(), self.clock())

    def in_time(self) -> None:
        """Die if this process was frozen since the last look: it must not write any more."""
        gap = self.clock() - self._looked
        if self._looked and gap > self.session * TOO_LONG:
            self.die(Standstill(f"frozen for {gap:.0f} s: other workers may have the partitions by now"))

    async def run(self) -> None:
        """Look until cancelled."""
        self._unsettled = (self.progress(), self.clock())
        while True:
            self.in_time()
            self._looked = self.clock()
            self._look_at_commits(self._looked)
            self._look_at_rebalance(self._looked)
            await asyncio.sleep(self.every)

    def _look_at_commits(self, now: float) -> None:
        for spot, offset in [*self._done.items()]:
            mark = self._committed.get(spot)
            if mark is None or mark.offset > offset:
                self._committed[spot] = Mark(0 if mark is None else mark.offset, now)
            elif now - mark.since > self.patience:
                self.die(
                    Standstill(f"{spot}: done up to {offset}, but committed no further than {mark.offset}")
                )

    def _look_at_rebalance(self, now: float) -> None:
        progress, since = self._unsettled
        if self.settled():
            self._rebalances = 0
        if self.settled() or self.progress() != progress:
            self._unsettled = (self.progress(), now)
        elif now - since > self.patience:
            self.die(Standstill(f"partitions and tables were not settled within {self.patience:.0f} s"))
