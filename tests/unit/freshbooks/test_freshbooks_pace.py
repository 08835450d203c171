import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from app.freshbooks.bucket import Bucket
from app.freshbooks.patience import MOST_GARBLED, patiently
from app.freshbooks.refused import API, Garbled, Unreadable
from streams.domain.errors import RateLimited, Refused, Unreachable
from tests.fakes.virtual_time import simulate


def now() -> float:
    return asyncio.get_running_loop().time()


async def taken(bucket: Bucket, count: int) -> list[float]:
    moments: list[float] = []
    for _ in range(count):
        await bucket.take()
        moments.append(now())
    return moments


def answers(*steps: Exception | str) -> tuple[Callable[[], Awaitable[str]], list[float]]:
    left, asked = list(steps), list[float]()

    async def ask() -> str:
        asked.append(now())
        step = left.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    return ask, asked


def test_calls_keep_the_pace_after_a_short_burst() -> None:
    async def story() -> None:
        await asyncio.sleep(100)
        moments = await taken(Bucket(5.0, burst=3.0), 13)
        assert moments[3] == pytest.approx(100, abs=0.01)
        assert moments[12] - moments[3] == pytest.approx(9 / 5, abs=0.01)

    simulate(story())


def test_a_new_bucket_does_not_wait_at_first() -> None:
    async def story() -> None:
        assert await taken(Bucket(5.0), 1) == [0.0]

    simulate(story())


def test_callers_at_once_share_the_pace() -> None:
    async def story() -> None:
        bucket = Bucket(10.0, burst=0.0)
        await asyncio.gather(*(bucket.take() for _ in range(20)))
        assert now() == pytest.approx(2.0, abs=0.11)

    simulate(story())


def test_a_rest_holds_for_everybody() -> None:
    async def story() -> None:
        bucket = Bucket(5.0)
        bucket.rest(30)
        await bucket.take()
        assert now() >= 30

    simulate(story())


def test_trouble_is_waited_out_however_long_it_lasts() -> None:
    async def story() -> None:
        ask, asked = answers(*(Unreachable(API, "status 503") for _ in range(500)), "read")
        assert await patiently(ask) == "read"
        gaps = [b - a for a, b in pairwise(asked)]
        assert gaps[0] <= 2
        assert max(gaps) <= 62
        assert now() > 3600

    simulate(story())


def test_a_rate_limit_is_waited_out_as_long_as_asked() -> None:
    async def story() -> None:
        ask, asked = answers(RateLimited(API, timedelta(seconds=17)), "read")
        assert await patiently(ask) == "read"
        assert asked[1] - asked[0] >= 17

    simulate(story())


def test_a_refusal_is_not_asked_again() -> None:
    async def story() -> None:
        ask, asked = answers(Refused("no"), "never")
        with pytest.raises(Refused):
            await patiently(ask)
        assert len(asked) == 1

    simulate(story())


def test_an_answer_that_stays_garbled_is_buried_in_the_end() -> None:
    async def story() -> None:
        ask, asked = answers(*(Garbled() for _ in range(MOST_GARBLED + 1)))
        with pytest.raises(Unreadable):
            await patiently(ask)
        assert len(asked) == MOST_GARBLED
        assert now() > 60

    simulate(story())
