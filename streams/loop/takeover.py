"""What a pump finds when it takes a partition over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from streams.loop.journal import Journal
from streams.loop.rewind import NO_REWIND, Rewind


class Ahead(Protocol):
    """The pump of the step that reads what this one writes (`Stage.ahead`), of the same partition."""

    @property
    def step(self) -> Any:
        """Its step."""
        ...

    @property
    def caught_up(self) -> bool:
        """Whether it is done with all that stood in its log when it took the partition over."""
        ...


class Tail:
    """Where the log ended when a pump took its partition over, as soon as that is known."""

    def __init__(self, end: Callable[[], int]) -> None:
        self._end: Callable[[], int] | int = end

    def reached(self, offset: int) -> bool:
        """Tell whether all that stood there is before `offset`."""
        if callable(self._end):
            self._end = self._end() or self._end  # 0: nobody knows yet
        return not callable(self._end) and self._end <= offset


@dataclass(frozen=True, slots=True)
class Takeover:
    """Where a pump begins."""

    partition: int = 0
    begin: int = 0
    """From here Kafka gives it the partition to read."""
    until: Callable[[], int] = lambda: 0
    """Tells, at the first delivery, where the log ended; no question is asked before it is read.

    Whoever had the partition before may have asked all of it, and may have died before that was durable.
    Asked again one by one, old commands would undo newer ones for a while; together, the newest of each
    row is told from the others.
    """
    aside: Journal | None = None
    """The table of `Stage.aside`; without it no connection goes aside."""
    rewind: Rewind = NO_REWIND
    """What a replay passes by, and what it forces."""
    ahead: Ahead | None = None
    """Without it nothing is known to be at rest."""


FROM_THE_BEGINNING = Takeover()
