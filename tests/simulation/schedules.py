"""Many schedules in a row, in processes of their own: what each seed tells is the same on every machine."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from streams.topology import stages
from tests.fakes.virtual_time import simulate
from tests.simulation.refusing import Refusing
from tests.simulation.rewinding import Rewinding
from tests.simulation.scene import MakeStages, Scene, played
from tests.simulation.verdict import broken
from tests.simulation.worker import NoisyBroker

LATE = range(7, 1_000_000, 20)
"""Seeds in which what dead workers had under way lands late."""


AT_A_TIME = 20
"""Schedules after which garbage is looked for."""


@dataclass(frozen=True)
class Failure:
    """A seed that broke a promise. `FRESHFORCE_SEED=<seed>` plays it again, exactly."""

    seed: int
    why: str


def play(
    seed: int, make: MakeStages = stages, kafka: Callable[[int], NoisyBroker] = NoisyBroker
) -> Failure | None:
    """Play one schedule: mostly tiny ones, now and then more partitions, all late, or a puzzling client.

    In one of ten Salesforce refuses some rows for good; in another one the records are set back.
    """
    scene: Scene
    if seed % 50 == 0:
        scene = Scene(seed, make, deeds=6, crashes=5, partitions=2)
    elif seed % 10 == 1:
        scene = Scene(seed, make, deeds=2, crashes=4, puzzling=1.0)
    elif seed % 10 == 3:
        scene = Refusing(seed, make, deeds=2 + seed // 10 % 3 * 2, crashes=3, puzzling=0.2)
    elif seed % 10 == 5:
        scene = Rewinding(seed, make, deeds=2 + seed // 10 % 3 * 2, crashes=4, puzzling=0)
    elif seed in LATE:
        scene = Scene(seed, make, deeds=6, crashes=5, late=True, kafka=kafka)
    else:
        scene = Scene(seed, make, deeds=1 + (seed % 3 == 0), crashes=2)
    return went_wrong(scene)


def went_wrong(scene: Scene) -> Failure | None:
    """Play a scene to its end; return what was broken."""
    try:
        simulate(played(scene))
    except (AssertionError, TimeoutError) as error:
        return Failure(scene.seed, f"{type(error).__name__}: {error}")
    wrong = [*broken(scene)]
    return Failure(scene.seed, "; ".join(wrong[:3])) if wrong else None


def play_all(seeds: Sequence[int], make: MakeStages = stages) -> Iterator[Failure]:
    """Yield the failures among `seeds`, using every core."""
    cores = os.cpu_count() or 1
    count = -(-len(seeds) // AT_A_TIME)
    batches = [seeds[at::count] for at in range(count)]
    with ProcessPoolExecutor(cores, get_context("spawn"), initializer=_settle) as pool:
        for found in pool.map(_batch, batches, [make] * len(batches)):
            yield from found


def _settle() -> None:
    gc.freeze()  # what is imported is never garbage; once only: garbage that is frozen slows all that follows
    gc.disable()


def _batch(seeds: Sequence[int], make: MakeStages) -> list[Failure]:
    found = [failure for seed in seeds if (failure := play(seed, make))]
    gc.collect()  # often enough for the processor's cache to hold the garbage: half the time of leaving it
    return found
