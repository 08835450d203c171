"""Who is struck when and how: drawn from a seed, so that a bad run can be played again."""

import random
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

WORKERS: Final = ("worker-1", "worker-2")
FREEZE: Final = (1.0, 12.0)
"""Seconds; Kafka gives a frozen worker's partitions away after ten."""
CALM: Final = (3.5, 7.5)
"""Seconds without kills of workers after a burst: a worker needs three to be back and to have partitions."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is killed with SIGKILL, and how much goes on meanwhile."""

    ingress: int
    broker: int
    workers: int
    """Of both workers together."""
    acts: float
    """Changes in FreshBooks per second."""
    calm: tuple[float, float] = CALM
    burst: tuple[int, int] = (2, 5)
    """Kills of workers in quick succession, at least and at most."""
    extras: float = 0.35
    """Chance that a calm time brings an orderly stop or a freeze of one worker."""
    roles: tuple[str, ...] = ("poller", "view")
    """Those that run too, and are not killed."""

    @property
    def kills(self) -> int:
        """Processes killed with SIGKILL."""
        return self.ingress + self.broker + self.workers


FULL: Final = Size(ingress=110, broker=22, workers=74, acts=25.0)
SMALL: Final = Size(
    ingress=4, broker=1, workers=4, acts=15.0, calm=(3.0, 4.0), burst=(2, 2), extras=0.0, roles=()
)


@dataclass(frozen=True, slots=True)
class Strike:
    """What befalls `victim`, `after` so many seconds since the strike before it."""

    after: float
    victim: str
    how: signal.Signals = signal.SIGKILL
    lasts: float = 0.0
    """How long a frozen one stays so."""


def plan(seed: int, size: Size) -> Mapping[str, tuple[Strike, ...]]:
    """Return the strikes on the ingress, the broker and the workers: three sequences beside each other."""
    chance = random.Random(f"crash {seed}")  # noqa: S311  # no secret
    return {
        "ingress": tuple(Strike(chance.uniform(0.3, 2.6), "ingress") for _ in range(size.ingress)),
        "broker": tuple(Strike(chance.uniform(2.0, 9.0), "broker") for _ in range(size.broker)),
        "workers": tuple(_rounds(chance, size)),
    }


def _rounds(chance: random.Random, size: Size) -> Iterator[Strike]:
    """Yield bursts of kills, each followed by a calm time in which the group can work."""
    left, pause = size.workers, chance.uniform(0.5, 4.0)
    while left:
        burst = min(left, chance.randint(*size.burst))
        left -= burst
        for _ in range(burst):
            yield Strike(pause, chance.choice(WORKERS))
            pause = chance.choice((chance.uniform(0.05, 0.6), chance.uniform(0.6, 2.0)))
        pause = chance.uniform(*size.calm)
        if chance.random() < size.extras:
            yield _extra(chance, pause)
            pause = chance.uniform(0.5, 4.0)


def _extra(chance: random.Random, after: float) -> Strike:
    victim = chance.choice(WORKERS)
    if chance.random() < 0.4:  # noqa: PLR2004  # the rest are frozen: the nastier case
        return Strike(after, victim, signal.SIGTERM)
    return Strike(after, victim, signal.SIGSTOP, chance.uniform(*FREEZE))
