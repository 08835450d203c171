"""The grants' test: keepers killed in thousands of simulated schedules, then some hundred times for real."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from app.bench.grants_kills import Kills, kills
from app.bench.grants_storm import Storm, storm
from app.bench.report import Goal, Report, Row, at_least, at_most
from app.settings import load


@dataclass(frozen=True, slots=True)
class Size:
    """How often to kill."""

    simulated: int
    real: int


FULL: Final = Size(10_000, 200)
MIDWAY: Final = 4
"""Of so many real kills at least one must strike in the middle: the others prove little."""


def measure(say: Callable[[str], None], seed: int | None = None, size: Size = FULL) -> Report:
    """Kill at full size and judge; some minutes. Without a seed chance chooses one, and tells it."""
    chosen = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    home = load().home.resolve() / "grants"
    began = monotonic()
    simulated = storm(size.simulated, say, chosen)
    between = monotonic()
    real = asyncio.run(kills(home, size.real, chosen, say))
    return report(chosen, size, simulated, real, (between - began, monotonic() - between))


def report(seed: int, size: Size, simulated: Storm, real: Kills, seconds: tuple[float, float]) -> Report:
    """Return what was found, beside what was wanted."""
    rows = (
        Row("simulated", "keepers killed", simulated.kills, ""),
        Row("simulated", "schedules", simulated.schedules, ""),
        Row("simulated", "consents that FreshBooks made necessary", simulated.consents, ""),
        Row("simulated", "time", seconds[0], "s"),
        Row("real", "kill -9", real.kills, ""),
        Row("real", "of them midway in a renewal", real.midway, ""),
        Row("real", "renewals", real.renewals, ""),
        Row("real", "consents that FreshBooks made necessary", real.lost_for_good, ""),
        Row("real", "time", seconds[1], "s"),
    )
    goals: tuple[Goal, ...] = (
        at_least("simulated kills", size.simulated, simulated.kills),
        at_least("kill -9", size.real, real.kills),
        at_least("of them midway in a renewal", size.real // MIDWAY, real.midway),
        at_most("promises broken in a schedule", 0, len(simulated.wrong)),
        at_most("grants lost although FreshBooks allowed a recovery", 0, len(real.lost)),
        at_most("grants whose events still wait", 0, len(real.stuck)),
    )
    return Report("grants", rows, goals, remarks=(f"seed {seed}", *simulated.wrong, *real.lost, *real.stuck))
