"""A connection that a person has to mend: said once, tried again at growing pauses, gone on by itself."""

import asyncio
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from app.freshbooks.mending import FIRST, LONGEST, NAP, Mending
from streams.domain.errors import Misconfigured
from tests.builders.vault import ACME
from tests.fakes.virtual_time import simulate

WRONG = Misconfigured("FreshBooks does not allow it", "check the role", "permission-denied")


def now() -> float:
    return asyncio.get_running_loop().time()


def test_it_is_tried_again_at_growing_pauses_and_said_once() -> None:
    async def story() -> list[float]:
        moments = [now()]
        for _ in range(8):
            await mending.wait(WRONG, lambda: None)
            moments.append(now())
        return moments

    mending = Mending(ACME)
    with capture_logs() as said:
        moments = simulate(story())

    pauses = [round(after - before) for before, after in pairwise(moments)]
    assert pauses[:3] == [FIRST, FIRST * 2, FIRST * 4]
    assert max(pauses) == LONGEST
    assert [(line["event"], line["code"], line["mend"]) for line in said] == [
        ("freshbooks.needs_mending", "permission-denied", "check the role")
    ]


def test_questions_of_one_connection_share_a_pause() -> None:
    async def story() -> float:
        mending = Mending(ACME)
        await asyncio.gather(*(mending.wait(WRONG, lambda: None) for _ in range(8)))
        return now()

    assert simulate(story()) == pytest.approx(FIRST)


def test_a_changed_setting_ends_the_pause_for_all() -> None:
    async def story() -> float:
        settings = ["wrong"]
        asyncio.get_running_loop().call_later(3, settings.__setitem__, 0, "right")
        mending = Mending(ACME)
        await asyncio.gather(*(mending.wait(WRONG, lambda: settings[0]) for _ in range(8)))
        return now()

    assert simulate(story()) <= 3 + NAP


def test_what_is_mended_begins_with_a_short_pause_should_it_break_again() -> None:
    async def story() -> float:
        mending = Mending(ACME)
        for _ in range(6):
            await mending.wait(WRONG, lambda: None)
        mending.well()
        began = now()
        await mending.wait(WRONG, lambda: None)
        return now() - began

    assert simulate(story()) == pytest.approx(FIRST)
