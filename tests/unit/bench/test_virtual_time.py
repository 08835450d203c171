"""Virtual time goes on for as long as a story takes, be it years."""

import asyncio

from tests.fakes.virtual_time import simulate


async def _two_years() -> float:
    for _ in range(700):
        await asyncio.sleep(90_000.123456789)
    return asyncio.get_running_loop().time()


def test_a_story_of_two_years_comes_to_its_end() -> None:
    assert simulate(_two_years()) > 6e7
