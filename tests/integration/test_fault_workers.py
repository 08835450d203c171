"""Row F9: workers come, leave in order, and are replaced one by one, while events come in."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.builders.run import Run

RATE = 300


async def fed(run: Run, enough: asyncio.Event) -> None:
    while not enough.is_set():
        await run.feed(RATE // 2, rate=RATE)


async def leaves(run: Run, name: str) -> int:
    """Tell a worker to end; return its exit code."""
    run.processes[name].terminate()
    return await run.exit_code(name)


def out_of_order(said: list[int], apart: int) -> int:
    """Return how many numbers came for the first time after a later one of their object."""
    seen, highest, wrong = set[int](), Counter[int](), 0
    for number in said:
        if number not in seen:
            seen.add(number)
            wrong += number < highest[number % apart]
            highest[number % apart] = number
    return wrong


@pytest.mark.slow
async def test_f9_from_one_worker_to_three_all_replaced_and_back_to_one_nothing_is_lost_or_out_of_order(
    kafka: str, tmp_path: Path
) -> None:
    run, enough, codes = Run.fresh(kafka, tmp_path, apart=500), asyncio.Event(), []
    await run.create()
    run.start("w1")
    feeding = asyncio.create_task(fed(run, enough))
    try:
        await run.ready("w1")
        for name in ("w2", "w3"):
            run.start(name)
            await run.ready(name)
        for name in ("w1", "w2", "w3"):
            codes.append(await leaves(run, name))
            run.start(name)
            await run.ready(name)
        codes += [await leaves(run, name) for name in ("w1", "w3")]
        enough.set()
        await feeding
        await run.caught_up(60)
        codes.append(await leaves(run, "w2"))
    finally:
        enough.set()
        await asyncio.gather(feeding, return_exceptions=True)
        await asyncio.to_thread(run.end)
    said = await run.said()

    assert codes == [0] * 6
    assert set(said) == set(range(run.sent))
    assert out_of_order(said, run.plan.apart) == 0
    assert await run.table() == run.right_table()
