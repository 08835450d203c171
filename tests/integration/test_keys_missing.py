"""A role that lacks a key ends with 78 and names it, at its start or midway; nothing is lost for it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import copy2

import orjson
import pytest
from aiohttp import ClientError

from app.bench.crash_house import Role
from app.cli.clock import now
from app.demo.joining import NAME
from app.registry import open_registry
from app.settings import Settings
from app.vault.tokens import refresh_asked
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName
from tests.builders.house import House, a_house

DEMO = ConnectionName(NAME)
ROLES = ("ingress", "worker", "poller", "desk")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as whole:
        yield whole


async def rotated_elsewhere(house: House, keys: Path) -> str:
    """Have every grant sealed with a key that is in `keys` and not in the roles' file; return its id."""
    shop = house.stage.shop
    copy2(shop.home / "keys", keys)
    theirs = replace(shop, environment={**shop.environment, "FRESHFORCE_KEY_FILE": str(keys)})
    key_id: str = orjson.loads(await theirs.command("keys", "rotate", "--json"))["active"]
    return key_id


async def ask_for_all(house: House, keys: Path) -> None:
    """Have a token renewed and a page shown; the ingress and the poller need their grants by themselves."""
    shop = house.stage.shop
    settings = Settings(home=shop.home, kafka=house.stage.kafka, replication=1, min_insync=1, key_file=keys)
    async with open_registry(settings, now, os.urandom) as registry:
        sealed = await registry.grants.newest(DEMO, Side.FRESHBOOKS)
        assert sealed is not None
        await registry.write(refresh_asked(DEMO, sealed.generation, 1))
    page = f"http://{shop.environment['FRESHFORCE_ADMIN_LISTEN']}/connections/{NAME}/freshbooks"
    with suppress(ClientError):
        async with house.stage.backstage.session.get(page) as answer:
            await answer.read()


async def test_a_role_that_starts_without_a_key_ends_with_78_and_names_it(house: House) -> None:
    shop = house.stage.shop
    (needed,) = orjson.loads(await shop.command("keys", "list", "--json"))["keys"]
    for role in house.stage.roles.values():
        await role.stop()
    (shop.home / "keys").unlink()
    await shop.command("keys", "new")

    for name in ROLES:
        keyless = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.process.role", name, f"{name}-keyless"),
            env={**os.environ, **shop.environment},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(keyless.communicate(), 60)

        assert keyless.returncode == 78, said
        assert f"the key {needed} is missing".encode() in said


async def test_a_role_that_meets_a_key_that_it_lacks_ends_with_78_and_goes_on_once_it_is_there(
    house: House,
) -> None:
    shop, roles = house.stage.shop, house.stage.roles
    for name in ("poller", "desk"):
        roles[name] = Role(name, shop.home, shop.environment)
        roles[name].start()
    try:
        await shop.command("connections", "set", NAME, "poll_every_seconds=1")
        await house.stage.ready(*ROLES)
        keys = shop.home / "keys-elsewhere"

        key_id = await rotated_elsewhere(house, keys)
        await ask_for_all(house, keys)
        async with asyncio.timeout(60):
            while not all(role.codes for role in roles.values()):  # noqa: ASYNC110 - they are other processes
                await asyncio.sleep(0.1)

        for name, role in roles.items():
            assert set(role.codes) == {78}, name
            assert f"the key {key_id} is missing" in (shop.home / f"{name}.log").read_text()
        keys.replace(shop.home / "keys")
        await house.settled()
        await house.verdict()
    finally:
        for name in ("poller", "desk"):
            await roles.pop(name).stop()
