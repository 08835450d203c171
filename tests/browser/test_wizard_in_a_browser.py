"""From nothing to a row in Salesforce, by the pages alone, in a real browser on real Kafka."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from tests.builders.chromium import a_browser, a_context, faults
from tests.builders.from_nothing import Nothing, from_nothing


@pytest.fixture
async def context() -> AsyncIterator[BrowserContext]:
    async with a_browser() as browser:
        yield await a_context(browser)


async def wait_for(page: Page, text: str) -> None:
    await expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)


async def looked_up(page: Page, url: str, text: str) -> None:
    """Open a page that tells what is known now, until it tells `text`: the view comes after Salesforce."""
    async with asyncio.timeout(60):
        while True:
            await page.goto(url)
            if await page.get_by_text(text).count():
                return
            await asyncio.sleep(0.5)


async def freshbooks(page: Page, nothing: Nothing) -> None:
    """Step 1: credentials, consent in another tab, and the page goes on by itself."""
    vendor = nothing.freshbooks
    await page.get_by_label("Client id").fill(vendor.client_id)
    await page.get_by_label("Client secret").fill(vendor.client_secret)
    await page.get_by_text("Another server that speaks").click()
    await page.get_by_label("API address").fill(vendor.url)
    await page.get_by_label("Consent address").fill(vendor.url)
    await page.get_by_role("button", name="Save and ask for consent").click()
    async with page.context.expect_page() as opened:
        await page.get_by_role("link", name="Open FreshBooks and allow").click()
    await wait_for(await opened.value, "FreshBooks said yes")
    await wait_for(page, f"Connected to account {vendor.account_id}")


async def salesforce(page: Page, nothing: Nothing) -> None:
    """Step 2: where the org is, and the app's credentials."""
    vendor = nothing.salesforce
    await page.get_by_label("My Domain address").fill(vendor.url)
    await page.get_by_label("Consumer key").fill(vendor.client_id)
    await page.get_by_label("Consumer secret").fill(vendor.client_secret)
    await page.get_by_role("button", name="Log in").click()
    await wait_for(page, f"Logged in at {vendor.url}")


async def test_a_connection_is_made_from_nothing_and_a_webhook_arrives(
    context: BrowserContext, tmp_path: Path
) -> None:
    found: list[str] = []
    async with from_nothing(tmp_path) as nothing:
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        onward = page.get_by_role("link", name=re.compile("^Next"))

        await page.goto(nothing.desk)
        found += await faults(page)
        await page.get_by_label("Name").fill("acme")
        await page.get_by_role("button", name="Begin").click()
        found += await faults(page)
        await freshbooks(page, nothing)
        found += await faults(page)
        await onward.click()
        found += await faults(page)
        await salesforce(page, nothing)
        await onward.click()
        await page.get_by_role("button", name="Add what is missing").click(timeout=60_000)
        await onward.wait_for(timeout=60_000)
        found += await faults(page)
        await onward.click()
        await page.get_by_role("button", name="Register the callbacks").click()
        await onward.wait_for(timeout=60_000)
        found += await faults(page)
        await onward.click()
        await wait_for(page, "All is well:")
        found += await faults(page)

        act = Create(noun=Noun.CLIENT, body={"organization": "Zoë & <Sons>", "email": "zoe@example.com"})
        (client,) = await nothing.backstage.control.act([act])
        account = await nothing.until_accounts("Zoë & <Sons>")

        await looked_up(
            page, f"{nothing.desk}/trace?connection=acme&kind=client&id={client}", str(account["Id"])
        )
        found += await faults(page)
        await page.goto(nothing.desk)
        await expect(page.get_by_text("Nothing failed, nothing waits.")).to_be_visible()
        found += await faults(page)

        assert (found, complaints) == ([], [])
