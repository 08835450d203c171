"""Who may ask the admin listener, and what its answers forbid the browser."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from yarl import URL

from app.desk.files import KEPT
from app.desk.guard import COOKIE
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from tests.builders.desk import Office, an_office
from tests.builders.vault import ACME

PAUSE = f"/connections/{ACME}/paused"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        found.installation.connections[ACME] = Connection(name=ACME)
        await found.browser.get("/connections")
        yield found


def paused(office: Office) -> bool:
    return office.installation.connection.paused


@pytest.mark.parametrize(
    "path", ["/connections", f"/connections/{ACME}/freshbooks", "/nowhere", "/static/desk.css"]
)
async def test_every_answer_forbids_foreign_code_frames_and_guessing(office: Office, path: str) -> None:
    seen = await office.browser.get(path)

    policy = seen.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Referrer-Policy"] == "same-origin"
    assert seen.headers["Cache-Control"] == "no-store"
    assert "Server" not in seen.headers


@pytest.mark.parametrize(
    "path", ["/connections", f"/connections/{ACME}/salesforce", "/deadletters", "/trace", "/"]
)
async def test_no_page_has_a_script_or_style_of_its_own(office: Office, path: str) -> None:
    text = (await office.browser.get(path)).text

    assert text.count("<script") == text.count('<script src="/static/')
    for inline in ("<style", " style=", " onclick=", "javascript:", "http://cdn", "https://cdn"):
        assert inline not in text


async def test_a_browser_keeps_the_sheet_and_the_script_until_they_change_and_no_page(office: Office) -> None:
    page = await office.browser.get("/connections")
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert {address.partition("?")[0] for address in named} == {
        f"/static/{name}" for name in ("desk.css", "htmx.min.js", "mark.svg")
    }

    for address in named:
        assert (await office.browser.get(address)).headers["Cache-Control"] == KEPT
        of_another = await office.browser.get(f"{address}0")
        assert of_another.headers["Cache-Control"] == page.headers["Cache-Control"] == "no-store"


async def test_a_name_that_is_not_ours_is_not_answered_to(office: Office) -> None:
    seen = await office.browser.get("/connections", Host="attacker.example:8081")

    assert seen.status == 421
    assert ACME not in seen.text


async def test_the_names_of_loopback_are_ours_whatever_the_port(office: Office) -> None:
    for host in ("localhost:9999", "127.0.0.1", "[::1]:8081"):
        assert (await office.browser.get("/connections", Host=host)).status == 200


async def test_a_scraper_may_call_us_by_any_name_and_learns_no_page(office: Office) -> None:
    assert (await office.browser.get("/metrics", Host="desk:8081")).status == 200
    assert (await office.browser.get("/health/live", Host="desk:8081")).status == 200


async def test_a_form_of_a_page_of_ours_is_taken(office: Office) -> None:
    assert (await office.browser.post(PAUSE, {"paused": "yes"})).status == 200
    assert paused(office)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://attacker.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(office: Office, headers: dict[str, str]) -> None:
    seen = await office.browser.post(PAUSE, {"paused": "yes"}, **headers)

    assert seen.status == 403
    assert not paused(office)


@pytest.mark.parametrize("token", ["", "0" * 64, "ünïcode"])
async def test_a_form_without_our_token_is_refused(office: Office, token: str) -> None:
    seen = await office.browser.post(PAUSE, {"paused": "yes", "csrf": token})

    assert seen.status == 403
    assert not paused(office)


async def test_a_token_is_worth_nothing_with_another_browsers_cookie(office: Office) -> None:
    office.browser.session.cookie_jar.update_cookies({COOKIE: "another"}, URL(office.browser.url))

    seen = await office.browser.post(PAUSE, {"paused": "yes"})

    assert seen.status == 403
    assert not paused(office)


async def test_the_cookie_is_for_us_alone(office: Office) -> None:
    office.browser.session.cookie_jar.clear()

    cookie = (await office.browser.get("/connections")).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


async def test_what_is_too_large_for_a_form_is_refused(office: Office) -> None:
    seen = await office.browser.post(PAUSE, {"paused": "x" * 100_000})

    assert seen.status == 413
    assert not paused(office)


async def test_a_page_that_is_not_there_says_so_and_leads_on(office: Office) -> None:
    seen = await office.browser.get("/nowhere")

    assert (seen.status, "There is no such page." in seen.text) == (404, True)


async def test_what_is_turned_away_stands_in_the_audit_once_a_minute_and_sort(office: Office) -> None:
    for _ in range(3):
        await office.browser.get("/connections", Host="evil.example")
    await office.browser.post(PAUSE, {"paused": "yes"}, Origin="https://evil.example")
    await office.installation.registry.chores.done()

    told = [(it.connection, it.verdict, it.rule) for it in office.installation.audit]
    assert told == [
        ("", Verdict.SECURITY, "on a page: Freshforce does not answer to this name."),
        ("", Verdict.SECURITY, "on a page: This request does not come from a page of Freshforce."),
    ]


async def test_a_flood_is_a_number_once_its_minute_is_over_or_the_desk_stops(office: Office) -> None:
    for _ in range(1_000):
        await office.browser.get("/connections", Host="evil.example")

    office.refused.say_unsaid()
    office.refused.say_unsaid()
    await office.installation.registry.chores.done()

    assert [it.details for it in office.installation.audit] == [{"times": 1}, {"times": 999}]


async def test_a_persons_own_page_from_before_a_restart_is_no_security_event(office: Office) -> None:
    await office.browser.post(PAUSE, {"paused": "yes", "csrf": "0" * 64})
    await office.installation.registry.chores.done()

    (told,) = office.installation.audit
    assert (told.verdict, told.rule) == (
        Verdict.AUTH_FAILED,
        "on a page: This page is from before a restart: go back, load it again, and repeat.",
    )
