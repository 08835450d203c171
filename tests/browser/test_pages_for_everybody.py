"""The pages without scripts, without a mouse, in the dark, and on a narrow screen."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from streams.domain.connection import Connection
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import Candidate, Match, MatchAuthor, MatchState
from streams.domain.replay import ReplayState
from tests.builders.chromium import a_browser, a_context, faults
from tests.builders.desk import Office, an_office
from tests.builders.letters import buried_row
from tests.builders.replays import NOON, a_replay
from tests.builders.salesforce import an_account
from tests.builders.told import a_morning, stored
from tests.builders.vault import ACME
from tests.fakes.letters import FakeLetters

FAILED = buried_row(an_account(7, "Ferry & Sons"))
PAGES = (
    "/",
    "/deadletters",
    "/trace?connection=acme&kind=invoice&id=31",
    "/replay",
    "/replay/3f29c6d1a0b7",
    f"/deadletters/{FAILED[0].id}",
    "/matches",
    "/matches?all",
    "/matches/acme/7",
    "/connections",
    "/connections/acme/freshbooks",
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as found:
        yield found


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        found.installation.connections[ACME] = Connection(name=ACME)
        store = await found.desk.store()
        now = found.installation.registry.clock()
        await store.add([*a_morning(now), *stored([FAILED[1]], now, 200)], {0: 300})
        found.desk.letters = FakeLetters({FAILED[0].id: FAILED[0]})
        await found.desk.book.write(a_question())
        plan = a_replay(state=ReplayState.PLANNED)
        found.replays.plans[plan.id] = plan
        yield found


def a_question() -> Match:
    """Client 7 of acme may be either of two Accounts."""
    candidates = (
        Candidate(account=SalesforceId("001Dn00000AbCdEIAV"), score=60, reasons=("same name",)),
        Candidate(account=SalesforceId("001Dn00000AbCdFIAV"), score=40, reasons=("same phone",)),
    )
    return Match(
        id="found-7",
        connection=ACME,
        client=ClientId(7),
        author=MatchAuthor.DELIVER,
        actor="freshforce",
        state=MatchState.PROPOSED,
        candidates=candidates,
        reason="two Accounts are like it",
        at=NOON,
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_sound_for_those_who_cannot_see_it(
    office: Office, browser: Browser, scheme: str
) -> None:
    context = await a_context(browser, color_scheme=scheme)
    page = await context.new_page()
    found: list[str] = []

    for path in PAGES:
        await page.goto(office.browser.url + path)
        found += await faults(page)

    assert found == []


async def test_a_page_is_looked_at_once_its_sheet_is_there_however_late_and_not_without_it(
    office: Office, browser: Browser
) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    page = await (await a_context(browser)).new_page()
    await page.route("**/desk.css*", late)
    await page.goto(f"{office.browser.url}/connections")
    await page.get_by_label("Name").fill("late")
    await page.get_by_role("button", name="Begin").click()
    assert await faults(page) == []

    await page.route("**/desk.css*", lambda route: route.abort())
    await page.reload()
    with pytest.raises(AssertionError, match="stands bare"):
        await faults(page)


async def test_the_first_stop_of_the_keyboard_skips_to_the_content(office: Office, browser: Browser) -> None:
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/connections")

    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    assert await page.evaluate("document.activeElement.id") == "main"


async def test_a_connection_is_begun_by_the_keyboard_alone(office: Office, browser: Browser) -> None:
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/connections")

    await page.get_by_label("Name").focus()
    await page.keyboard.type("by-keys")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Connect by-keys")).to_be_visible()


async def test_the_wizard_works_without_scripts(office: Office, browser: Browser) -> None:
    page = await (await a_context(browser, java_script_enabled=False)).new_page()
    await page.goto(f"{office.browser.url}/connections/acme/check")

    await (
        page.get_by_role("button", name="Check again")
        .or_(page.get_by_text("Something needs you."))
        .first.wait_for()
    )
    await page.reload()

    await expect(page.get_by_text("acme has no FreshBooks account").first).to_be_visible()


async def test_the_figures_move_by_themselves_until_they_are_held_still(
    office: Office, browser: Browser
) -> None:
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/")
    before = await page.get_by_text(re.compile("as of")).inner_text()

    await expect(page.get_by_text(re.compile("as of"))).not_to_have_text(before, timeout=15_000)
    await page.get_by_role("link", name="Hold still").click()

    await expect(page.get_by_role("link", name="Let it move")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
async def test_a_narrow_screen_scrolls_in_one_direction_only(
    office: Office, browser: Browser, path: str
) -> None:
    context = await a_context(browser)
    page = await context.new_page()
    await page.set_viewport_size({"width": 360, "height": 700})

    await page.goto(office.browser.url + path)

    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_replay_is_previewed_confirmed_and_done_by_the_keyboard_alone(
    office: Office, browser: Browser
) -> None:
    office.replays.done.set()
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/replay")

    await page.get_by_label("Only").focus()
    await page.keyboard.type("client:7")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Look at plan").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("cell", name="'After & <b>'")).to_be_visible()
    await page.get_by_label("Write 1 row to Salesforce").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    await expect(page.locator(".verdict")).to_contain_text("done")


async def test_a_plan_is_not_applied_before_somebody_ticks_that_he_means_it(
    office: Office, browser: Browser
) -> None:
    page = await (await a_context(browser)).new_page()
    await page.goto(f"{office.browser.url}/replay/3f29c6d1a0b7")

    await page.get_by_role("button", name="Apply this plan").click()

    await expect(page.locator(".verdict")).to_contain_text("planned, not begun")
    assert office.replays.plans["3f29c6d1a0b7"].state is ReplayState.PLANNED
