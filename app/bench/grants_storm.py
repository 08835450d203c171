"""Thousands of schedules of a grant's life, on every core."""

import gc
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final

from app.bench.grants_play import Played, play

AT_A_TIME: Final = 20


@dataclass(frozen=True, slots=True)
class Storm:
    """What many schedules came to."""

    schedules: int
    kills: int
    consents: int
    """Losses that FreshBooks made final: the old token was spent, and its pair reached nobody."""
    wrong: tuple[str, ...]


def storm(kills: int, say: Callable[[str], None], first: int = 0) -> Storm:
    """Play schedules from the seed `first` on until so many keepers were killed; a failure names its seed."""
    played: list[Played] = []
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn"), initializer=_settle) as pool:
        while (struck := sum(it.kills for it in played)) < kills:
            say(f"{struck:,} of {kills:,} simulated kills, {len(played):,} schedules")
            at = first + len(played)
            batches = [range(at + n * AT_A_TIME, at + (n + 1) * AT_A_TIME) for n in range(2 * cores)]
            for some in pool.map(_batch, batches):
                played += some
    wrong = tuple(f"seed {it.seed}: {why}" for it in played for why in it.wrong)
    return Storm(len(played), sum(it.kills for it in played), sum(it.consents for it in played), wrong)


def _settle() -> None:
    gc.freeze()
    gc.disable()


def _batch(seeds: Sequence[int]) -> list[Played]:
    found = [play(seed) for seed in seeds]
    gc.collect()
    return found
