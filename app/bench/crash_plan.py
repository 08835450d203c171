"""Who is struck when and how: drawn from a seed, so that a bad run can be played again."""

import random
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

WORKERS: Final = ("worker-1", "worker-2")
FREEZE: Final = (1.0, 12.0)
"""Seconds; Kafka gives a frozen worker's partitions away after ten."""
CALM: Final = (0.8, 4.5)
"""Seconds that a worker works before it is struck again."""


PATIENCE: Final = 5.0


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
    """Kills of workers in quick succession: the first at work, the others while they start and recover."""
    extras: int = 6
    """How often, at most, one worker is stopped in order, or frozen for a while."""
    roles: tuple[str, ...] = ("poller", "view")
    """Those that run too, and are not killed."""

    @property
    def kills(self) -> int:
        """Processes killed with SIGKILL."""
        return self.ingress + self.broker + self.workers


FULL: Final = Size(ingress=108, broker=22, workers=70, acts=25.0)
SMALL: Final = Size(
    ingress=4, broker=1, workers=4, acts=15.0, calm=(0.8, 2.0), burst=(2, 2), extras=0, roles=()
)


@dataclass(frozen=True, slots=True)
class Strike:
    """What befalls `victim`, `after` so many seconds since the strike before it."""

    after: float
    victim: str
    how: signal.Signals = signal.SIGKILL
    lasts: float = 0.0
    """How long a frozen one stays so."""
    at_work: bool = False
    """Whether `after` counts from when the victim is ready; not waited for longer than `PATIENCE`."""


def plan(seed: int, size: Size) -> Mapping[str, tuple[Strike, ...]]:
    """Return the strikes on the ingress, the broker and the workers: three sequences beside each other."""
    chance = random.Random(f"crash {seed}")  # noqa: S311  # no secret
    return {
        "ingress": tuple(Strike(chance.uniform(0.3, 2.6), "ingress") for _ in range(size.ingress)),
        "broker": tuple(Strike(chance.uniform(2.0, 9.0), "broker") for _ in range(size.broker)),
        "workers": tuple(_rounds(chance, size)),
    }


def _rounds(chance: random.Random, size: Size) -> Iterator[Strike]:
    """Yield bursts of kills, each followed by a time in which the group can work."""
    left, extras = size.workers, size.extras
    while left:
        if extras and chance.random() < 0.5:  # noqa: PLR2004  # so that they spread over the rounds
            extras -= 1
            yield _extra(chance, chance.uniform(*size.calm))
        burst = min(left, chance.randint(*size.burst))
        left -= burst
        yield Strike(chance.uniform(*size.calm), chance.choice(WORKERS), at_work=True)
        for _ in range(burst - 1):
            pause = chance.choice((chance.uniform(0.05, 0.6), chance.uniform(0.6, 2.0)))
            yield Strike(pause, chance.choice(WORKERS))


def _extra(chance: random.Random, after: float) -> Strike:
    victim = chance.choice(WORKERS)
    if chance.random() < 0.4:  # noqa: PLR2004  # the rest are frozen: the nastier case
        return Strike(after, victim, signal.SIGTERM, at_work=True)
    return Strike(after, victim, signal.SIGSTOP, chance.uniform(*FREEZE), at_work=True)
