"""Keepers that the operating system kills, or freezes, on real Kafka against FreshBooks' HTTP."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.bench.grants_keeper import SESSION
from app.bench.grants_kills import House, housed, keeping, kills
from app.sandbox.faults import FaultKind, Faults, Rule

SLOW = Faults(rules=(Rule(kind=FaultKind.DELAY, path="/auth/oauth/token", seconds=0.4),))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path / "grants", seed=1, lanes=1) as found:
        yield found


async def test_keepers_killed_again_and_again_lose_no_grant(tmp_path: Path) -> None:
    told = await kills(tmp_path / "grants", 8, 3, lambda _: None, lanes=2)

    assert (told.lost, told.stuck) == ([], [])
    assert told.kills == 8


async def test_a_frozen_keeper_neither_renews_nor_writes_once_another_has_its_grants(house: House) -> None:
    (lane,) = house.lanes
    name = lane.names[0]
    await house.sandbox.control.switches(refresh_forgives=True)
    await house.sandbox.control.faults(SLOW)

    async with keeping(lane) as frozen:
        await house.ask([name])
        while not house.started(name):  # noqa: ASYNC110 - the keeper is another process
            await asyncio.sleep(0.01)
        os.kill(frozen.pid, signal.SIGSTOP)
        await house.sandbox.control.faults(Faults())
        async with keeping(lane):
            await house.until_renewed(name, 1)
            after = house.sealed(name)
            await asyncio.sleep(SESSION)
            os.kill(frozen.pid, signal.SIGCONT)
            await asyncio.to_thread(frozen.join, 20)

            assert frozen.exitcode == 70
            assert house.sealed(name) == after
            token = house.held(name).grant.refresh_token.get_secret_value()
            assert house.sandbox.freshbooks.tokens.takes(token)


async def test_two_keepers_at_once_trade_each_token_once(house: House) -> None:
    (lane,) = house.lanes
    await house.sandbox.control.faults(SLOW)

    async with keeping(lane), keeping(house.same_grants(lane)):
        for generation in range(1, 4):
            await house.ask(lane.names)
            await asyncio.gather(*(house.until_renewed(name, generation) for name in lane.names))

    assert {house.held(name).generation for name in lane.names} == {4}
    assert house.sandbox.freshbooks.tokens.refreshed == 3 * len(lane.names)
