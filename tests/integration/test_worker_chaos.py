"""Two workers under random kill -9 and SIGTERM: nothing is lost, nothing comes out of order."""

import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.builders.run import Run

SIGNALS = (signal.SIGKILL, signal.SIGTERM)
ENDS = {signal.SIGKILL: {-signal.SIGKILL}, signal.SIGTERM: {0, -signal.SIGTERM}}
"""Codes with which a worker may end; the last one is of one that had only just been started."""


async def chaos(run: Run, *, cycles: int, rate: int, longest: float, seed: int) -> None:
    """Let two workers work while one after the other is killed, until all is caught up."""
    dice = random.Random(seed)
    await run.create()
    for name in ("w1", "w2"):
        run.start(name)
    feeding = asyncio.Event()
    feeding.set()

    async def feed() -> None:
        while feeding.is_set():
            await run.feed(rate, rate=rate)

    feeder = asyncio.create_task(feed())
    try:
        await asyncio.gather(run.ready("w1"), run.ready("w2"))
        for _ in range(cycles):
            await asyncio.sleep(dice.uniform(0.5, longest))
            name, number = dice.choice(["w1", "w2"]), dice.choice(SIGNALS)
            run.processes[name].send_signal(number)
            code = await run.exit_code(name)
            assert code in ENDS[number], run.log.read_text()[-3000:]
            run.start(name)
        feeding.clear()
        await feeder
        await run.caught_up(120)
        await asyncio.gather(run.ready("w1"), run.ready("w2"))
        for name in ("w1", "w2"):
            run.processes[name].terminate()
            assert await run.exit_code(name) == 0
    finally:
        feeder.cancel()
        run.end()


async def verdict(run: Run) -> tuple[list[int], int, bool]:
    """Return what was lost, how many came out of order, and whether the table is right."""
    said = await run.said()
    seen, highest, disorder = set[int](), Counter[int](), 0
    for number in said:
        if number not in seen:
            seen.add(number)
            disorder += number < highest[number % run.plan.apart]
            highest[number % run.plan.apart] = number
    return sorted(set(range(run.sent)) - seen), disorder, await run.table() == run.right_table()


async def test_two_workers_lose_nothing_when_one_after_the_other_is_killed(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, apart=500)

    await chaos(run, cycles=5, rate=400, longest=2.0, seed=3)

    assert await verdict(run) == ([], 0, True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_two_workers_lose_nothing_in_many_kills(kafka: str, tmp_path: Path, seed: int) -> None:
    run = Run.fresh(kafka, tmp_path, apart=500)

    await chaos(run, cycles=24, rate=1000, longest=6.0, seed=seed)

    assert await verdict(run) == ([], 0, True)
