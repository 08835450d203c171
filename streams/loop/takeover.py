"""What a pump finds when it takes a partition over."""

from collections.abc import Callable
from dataclasses import dataclass

from streams.loop.journal import Journal
from streams.loop.rewind import NO_REWIND, Rewind


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


FROM_THE_BEGINNING = Takeover()
