"""What must not end ends the process with why, and is given up when it is told to stop."""

import asyncio

import pytest

from app.process.chores import until_told


async def _lasting() -> None:
    await asyncio.Event().wait()


async def _failing() -> None:
    message = "lost its touch"
    raise RuntimeError(message)


async def test_told_to_stop_it_gives_up_what_lasts() -> None:
    stop, chore = asyncio.Event(), asyncio.create_task(_lasting())
    stop.set()

    await until_told(stop, chore)

    assert chore.cancelled()


async def test_a_chore_that_fails_is_raised_and_the_others_are_given_up() -> None:
    lasting = asyncio.create_task(_lasting())

    with pytest.raises(RuntimeError, match="lost its touch"):
        await until_told(asyncio.Event(), lasting, asyncio.create_task(_failing()))

    assert lasting.cancelled()
