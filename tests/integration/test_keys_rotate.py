"""Keys are rotated and retired while webhooks come in and tokens are renewed: nobody notices."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random

import orjson
import pytest

from app.bench.crash_traffic import Traffic
from app.cli.clock import now
from app.demo.joining import NAME
from app.demo.processes import CommandFailed, Shop
from app.registry import open_registry
from app.settings import Settings
from app.vault.tokens import refresh_asked
from streams.domain.audit import Step, Verdict
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName
from tests.builders.house import House, a_house

ROTATIONS = 3
DEMO = ConnectionName(NAME)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as whole:
        yield whole


async def renewed_again_and_again(house: House, over: asyncio.Event) -> int:
    """Have the token renewed all the time, as if it lived for a second; return how often."""
    shop = house.stage.shop
    settings = Settings(home=shop.home, kafka=house.stage.kafka, replication=1, min_insync=1)
    async with open_registry(settings, now, os.urandom) as registry:
        first = await registry.grants.newest(DEMO, Side.FRESHBOOKS)
        assert first is not None
        while not over.is_set():
            sealed = registry.grants.sealed(DEMO, Side.FRESHBOOKS)
            assert sealed is not None
            await registry.write(refresh_asked(DEMO, sealed.generation, 1))
            while registry.grants.sealed(DEMO, Side.FRESHBOOKS) == sealed:
                await registry.grants.change()
            await asyncio.sleep(0.2)
        last = await registry.grants.newest(DEMO, Side.FRESHBOOKS)
        assert last is not None
        return last.generation - first.generation


def in_the_environment(house: House, *lines: str) -> Shop:
    """Have each role find these keys in its environment from its next start on; return the commands' shop."""
    told = {**house.stage.shop.environment, "FRESHFORCE_KEYS": ",".join(lines)}
    for role in house.stage.roles.values():
        role.environment = told
    return replace(house.stage.shop, environment=told)


async def restarted(house: House) -> None:
    """Restart one role after the other."""
    for name, role in house.stage.roles.items():
        await role.stop()
        role.start()
        await house.stage.ready(name)


async def calls(house: House) -> dict[str, float]:
    """Return the worker's calls to both vendors that were answered otherwise than well.

    Of an object that the org does without, such as Salesforce's Invoice, a description is asked in vain.
    """
    note = orjson.loads((house.stage.shop.home / "run" / "worker.json").read_bytes())
    async with house.stage.backstage.session.get(f"http://127.0.0.1:{note['port']}/metrics") as answer:
        said = await answer.text()
    counted = (line.rsplit(" ", 1) for line in said.splitlines() if "_calls_total{" in line)
    return {
        name: float(value)
        for name, value in counted
        if 'meaning="ok"' not in name and 'kind="describe"' not in name
    }


async def test_keys_rotate_and_retire_under_load_without_one_failed_call(house: House) -> None:
    shop, over = house.stage.shop, asyncio.Event()
    (first,) = orjson.loads(await shop.command("keys", "list", "--json"))["keys"]
    traffic = asyncio.create_task(Traffic(Random(1)).run(house.stage.backstage.control, 20, over))
    renewing = asyncio.create_task(renewed_again_and_again(house, over))

    with pytest.raises(CommandFailed, match=r"is needed for[^\n]+\n +mend: run `freshforce keys rotate`,"):
        await shop.command("keys", "retire", first)
    assert await house.said(Step.COMMAND_LINE, Verdict.REJECTED) == 1
    for _ in range(ROTATIONS):
        said = orjson.loads(await shop.command("keys", "rotate", "--retire", "--json"))
        assert len(said["retired"]) == 1
    over.set()
    renewals, _ = await asyncio.gather(renewing, traffic)
    await house.settled()

    assert renewals > ROTATIONS
    assert await calls(house) == {}
    assert await house.said(Step.KEEP_GRANTS, Verdict.NEEDS_CONSENT) == 0
    listed = orjson.loads(await shop.command("keys", "list", "--json"))
    assert listed["keys"] == [listed["active"]] != [first]
    assert listed["uses"] == {listed["active"]: 3}
    for role in house.stage.roles.values():
        assert role.codes == []
    await house.verdict()


async def test_keys_of_the_environment_rotate_under_load_by_restarts_one_by_one(house: House) -> None:
    shop, over = house.stage.shop, asyncio.Event()
    (old,) = (shop.home / "keys").read_text().split()
    in_the_environment(house, old)
    await restarted(house)
    traffic = asyncio.create_task(Traffic(Random(1)).run(house.stage.backstage.control, 10, over))
    renewing = asyncio.create_task(renewed_again_and_again(house, over))

    await shop.command("keys", "new")
    new = (shop.home / "keys").read_text().split()[-1]
    for lines in ((new, old), (old, new)):
        shop = in_the_environment(house, *lines)
        await restarted(house)
    await shop.command("keys", "rotate", "--resume")
    listed = orjson.loads(await shop.command("keys", "list", "--json"))
    in_the_environment(house, new)
    await restarted(house)
    over.set()
    renewals, _ = await asyncio.gather(renewing, traffic)
    await house.settled()

    active = new.partition(":")[0]
    assert (listed["active"], listed["uses"]) == (active, {active: 3})
    assert renewals > 0
    assert await calls(house) == {}
    for role in house.stage.roles.values():
        assert set(role.codes) == {0}
    await house.verdict()
