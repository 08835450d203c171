"""A replay from its form to its end, in a real browser, on a real Kafka with a real worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from aiohttp import ClientError, ClientSession
from playwright.async_api import Page, expect

from app.bench.crash_house import Role
from app.kafka.embedded.ports import free_ports
from tests.builders.chromium import a_browser, a_context
from tests.builders.mappings import a_mapping
from tests.builders.records import ACME, a_client, a_record
from tests.builders.replayed import Installed, installed

PATIENCE = 40_000
"""Milliseconds for the workers to step aside, come back and read again."""


async def test_a_replay_is_previewed_applied_and_done_on_the_pages_and_the_org_has_its_rows(
    tmp_path: Path,
) -> None:
    async with a_browser() as browser, installed(tmp_path) as house:
        house.worker.start()
        await house.put([a_record(a_client(number, organization=f"Client {number}")) for number in (7, 8)])
        await house.settled()
        await _mapped(house, tmp_path)
        async with _desk(house, tmp_path) as url:
            page = await (await a_context(browser)).new_page()
            await _previewed(page, url)
            assert {row.get("Type") for row in house.rows("Account")} == {None}

            await _applied(page)

    assert {row.get("Type") for row in house.rows("Account")} == {"Customer"}


async def _mapped(house: Installed, folder: Path) -> None:
    file = folder / "mapping.toml"
    file.write_text(a_mapping(account='Type = { literal = "Customer" }'), "utf-8")
    code, out, err = await house.shell.run("mapping", "set", ACME, str(file))
    assert code == 0, out + err


@asynccontextmanager
async def _desk(house: Installed, home: Path) -> AsyncIterator[str]:
    """Run the desk as its role; lend its address once it says that it is ready, check by check."""
    (port,) = free_ports(1)
    listen = {"FRESHFORCE_ADMIN_LISTEN": f"127.0.0.1:{port}"}
    desk, url = Role("desk", home, house.shell.environment | listen), f"http://127.0.0.1:{port}"
    desk.start()
    try:
        async with asyncio.timeout(20), ClientSession() as session:
            said = await _ready(session, url)
        assert [(each["name"], each["well"]) for each in said] == [("kafka", True), ("database", True)]
        yield url
    finally:
        await desk.stop()


async def _ready(session: ClientSession, url: str) -> list[dict[str, object]]:
    while True:
        try:
            async with session.get(f"{url}/health/ready") as answer:
                said = orjson.loads(await answer.read())
        except ClientError:
            await asyncio.sleep(0.2)
            continue
        if all(each["well"] for each in said["checks"]):
            return list(said["checks"])
        await asyncio.sleep(0.2)


async def _previewed(page: Page, url: str) -> None:
    await page.goto(f"{url}/replay")
    await page.get_by_label("Your name").fill("Ann")
    await page.get_by_role("button", name="Preview").click()
    await page.get_by_role("link", name="Look at plan").click(timeout=PATIENCE)
    await expect(page.get_by_role("cell", name="'Customer'").first).to_be_visible()
    await expect(page.get_by_text("by Ann (at the page)")).to_be_visible()


async def _applied(page: Page) -> None:
    await page.get_by_label("Write 2 rows to Salesforce").check()
    await page.get_by_role("button", name="Apply this plan").click()
    await expect(page.locator(".verdict")).to_contain_text("done", timeout=PATIENCE)
    await expect(page.get_by_text("applied by Ann (at the page)")).to_be_visible()
