"""Look-alikes on the page of a client, in a real browser: told apart by ear, and no focus or word is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from app.desk.works import Work
from streams.domain.identity import AccountId
from tests.builders.chromium import a_browser, a_context, faults
from tests.builders.desk import Office, an_office
from tests.builders.matching import Matched, a_client, a_sure_one, matched_org
from tests.builders.salesforce import ACME

KEY = "match", "acme", 7


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


@pytest.fixture
async def org() -> AsyncIterator[Matched]:
    async with matched_org() as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path, org: Matched) -> AsyncIterator[Office]:
    """Client 7 is like two Accounts of the same name."""
    async with an_office(tmp_path) as found:
        settings = org.here.settings[ACME].model_copy(update={"freshbooks_account_id": AccountId("ACC1")})
        org.here.settings[ACME] = found.installation.connections[ACME] = settings
        found.desk.book, found.desk.orgs = org.book, org.here.lanes
        for phone in ("1", "2"):
            org.plant(Name="Acme", Phone=phone)
        await org.matching.introduce(a_client())
        yield found


async def the_page(office: Office, browser: Browser) -> Page:
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/matches/acme/7")
    return page


async def test_two_accounts_of_one_name_are_told_apart_by_whoever_cannot_see_the_page(
    office: Office, org: Matched, browser: Browser
) -> None:
    page = await the_page(office, browser)

    assert await faults(page) == []
    for account in org.accounts:
        await expect(page.get_by_role("button", name=f"It is this one Acme {account}")).to_have_count(1)


async def test_neither_focus_nor_what_is_typed_is_lost_while_a_look_lasts_and_its_end_is_told(
    office: Office, browser: Browser
) -> None:
    ended, polls = asyncio.Event(), list[str]()

    async def lasts(begun: Work[None]) -> None:
        begun.says = "the log is read"
        await ended.wait()

    office.desk.works.begin(KEY, lasts)
    page = await the_page(office, browser)
    page.on("response", lambda answer: polls.append(answer.url))
    await page.locator("#live").evaluate("it => it.kept = true")
    field = page.get_by_label("It is the Account with the id")
    await field.press_sequentially("001")
    before = len(polls)
    async with asyncio.timeout(20):
        while len(polls) < before + 2:  # noqa: ASYNC110 - a page rings no bell
            await asyncio.sleep(0.1)
    await page.keyboard.type("Dn0")

    await expect(page.get_by_text("the log is read")).to_be_visible()
    await expect(field).to_have_value("001Dn0")
    ended.set()
    await expect(page.get_by_text("the log is read")).to_have_count(0, timeout=10_000)
    await page.keyboard.type("000")

    await expect(field).to_have_value("001Dn0000")
    assert await page.locator("#live").evaluate("it => it.kept")
    await expect(page.locator("button:disabled")).to_have_count(0)


async def test_a_decision_is_looked_at_made_and_told_of_by_the_keyboard_alone(
    office: Office, org: Matched, browser: Browser
) -> None:
    page = await the_page(office, browser)
    account = next(iter(org.accounts))

    await page.get_by_role("button", name=f"It is this one Acme {account}").focus()
    await page.keyboard.press("Enter")
    reason = page.get_by_label("Why (kept with the decision)")
    await reason.wait_for()
    assert await faults(page) == []
    await reason.fill("the one in Toronto")
    await page.keyboard.press("Enter")

    await expect(page.locator("#live")).to_contain_text("Decided.", timeout=10_000)
    assert org.accounts[account] == "ACC1:7"
    await expect(page.locator("#now")).to_contain_text("linked")


async def test_the_sure_ones_are_looked_at_and_decided_together_by_the_keyboard_alone(
    office: Office, org: Matched, browser: Browser
) -> None:
    account = next(iter(org.accounts))
    await org.book.write(a_sure_one(8, account))
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/matches")
    found = await faults(page)

    await page.get_by_role("link", name="1 client of acme").focus()
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="See what it would do").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("Why (kept with each decision)").fill("looked through")
    found += await faults(page)
    await page.keyboard.press("Enter")

    await expect(page.locator("#live")).to_contain_text("1 decided.", timeout=10_000)
    await expect(page.locator("#now")).to_contain_text("No client waits of which one Account is sure")
    assert (org.accounts[account], found + await faults(page)) == ("ACC1:8", [])
