"""The system's Chromium, without a window; and what axe-core finds wrong for those who cannot see a page."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = Path(__file__).parents[1] / "browser" / "axe" / "axe.min.js"

DRESSED = "getComputedStyle(document.documentElement).getPropertyValue('--accent') !== ''"
"""What only a page has to which our sheet is applied."""


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """Lend a browser; where none is installed, the test is skipped."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: `apt-get install chromium`, or Chrome, and run it again")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found)
        try:
            yield browser
        finally:
            await browser.close()


async def a_context(browser: Browser, **wishes: Any) -> BrowserContext:
    """Return a fresh window; the policy of our pages holds, only axe is let in."""
    context = await browser.new_context(viewport={"width": 1180, "height": 800}, **wishes)
    context.set_default_timeout(20_000)
    return context


async def faults(page: Page) -> list[str]:
    """Return what axe-core calls a violation of WCAG 2.2 A or AA, with where it is.

    It waits for the sheet: after a click the page is there before it, with links as small as bare words.
    """
    await page.wait_for_load_state()
    assert await page.evaluate(DRESSED), f"{page.url} stands bare: its sheet did not come"
    await page.evaluate(AXE.read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    said = await page.evaluate("tags => axe.run({runOnly: tags})", tags)
    return [
        f"{page.url}: {each['id']}: {node['html'][:120]}"
        for each in said["violations"]
        for node in each["nodes"]
    ]
