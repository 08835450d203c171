"""Replays on their pages, in a real browser: while one lasts no focus, tick or typed word is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from streams.domain.connection import Connection
from streams.domain.replay import ReplayState
from tests.builders.chromium import a_browser, a_context, faults
from tests.builders.desk import Office, an_office
from tests.builders.replays import a_replay
from tests.builders.vault import ACME

PLAN = "3f29c6d1a0b7"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with a_browser() as browser:
        yield await _new_page(browser)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        found.installation.connections[ACME] = Connection(name=ACME)
        yield found


async def _new_page(browser: Browser) -> Page:
    return await (await a_context(browser)).new_page()


async def polled(page: Page, times: int = 2) -> None:
    """Return once the page has looked again so often, by itself."""
    for _ in range(times):
        async with page.expect_response(lambda answer: "/replay" in answer.url, timeout=10_000):
            await asyncio.sleep(0)


async def test_the_next_preview_may_be_typed_while_one_lasts(office: Office, page: Page) -> None:
    office.replays.look = asyncio.Event()
    await page.goto(f"{office.browser.url}/replay")
    await page.get_by_role("button", name="Preview").click()
    only = page.get_by_label("Only")
    await only.press_sequentially("client:")

    await polled(page)
    await page.keyboard.type("7")
    office.replays.look.set()
    await page.get_by_role("link", name="Look at plan").wait_for(timeout=10_000)
    await page.keyboard.type("1")

    await expect(only).to_have_value("client:71")
    await expect(page.get_by_role("button", name="Preview")).to_be_enabled()
    await expect(page.get_by_role("region", name="All plans")).to_contain_text(PLAN)
    assert await faults(page) == []


async def test_who_is_about_to_stop_a_replay_keeps_tick_and_focus_until_it_is_over(
    office: Office, page: Page
) -> None:
    office.replays.plans[PLAN] = a_replay(state=ReplayState.RUNNING)
    await page.goto(f"{office.browser.url}/replay/{PLAN}")
    sure = page.get_by_label("End it here")
    await sure.check()
    await page.get_by_role("button", name="Stop for good").focus()

    await polled(page)

    await expect(sure).to_be_checked()
    await expect(page.get_by_role("button", name="Stop for good")).to_be_focused()
    office.replays.done.set()
    await expect(page.locator(".verdict")).to_contain_text("done", timeout=10_000)
    await expect(page.get_by_role("button", name="Stop for good")).to_have_count(0)
    assert await faults(page) == []
