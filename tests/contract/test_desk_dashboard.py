"""The dashboard over HTTP: what it tells, how it escapes, what it refuses."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.deadletters.said import By, said
from app.desk.dashboard import deadletters
from app.settings import Settings
from app.view.letters import letters
from app.view.rows import row
from streams.codec import encode
from streams.domain.audit import Step, Verdict
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.identity import ObjectKind
from tests.builders.commands import a_command
from tests.builders.desk import Office, an_office
from tests.builders.letters import buried_row
from tests.builders.told import HOSTILE, a_morning, an_entry, stored
from tests.builders.vault import ACME
from tests.fakes.letters import FakeLetters


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        yield found


async def after_a_morning(office: Office) -> None:
    office.installation.connections[ACME] = Connection(name=ACME)
    store = await office.desk.store()
    await store.add(a_morning(office.installation.registry.clock()), {0: 6})


async def refused(office: Office, number: int = 1) -> str:
    """Have the view tell of one more row that Salesforce refused; return the letter's id."""
    assert isinstance(office.desk.letters, FakeLetters)
    store, now = await office.desk.store(), office.installation.registry.clock()
    letter, entry = buried_row(a_command(SObject.CONTACT, number), offset=number)
    office.desk.letters.kept[letter.id] = letter
    await store.add(stored([entry], now + timedelta(seconds=number), number), {0: number + 1})
    return letter.id


async def closed(office: Office, letter: str, how: Verdict) -> None:
    """Have the view tell that somebody did something about a letter."""
    store, now = await office.desk.store(), office.installation.registry.clock()
    told = next(it for it in await letters(store) if it.id == letter)
    await store.add(stored([said(told, how, By(now, "Bob", "mended"))], now, 100), {0: 101})


async def test_without_a_connection_the_first_page_is_the_wizards(office: Office) -> None:
    assert "Make your first connection" in (await office.browser.get("/")).text


async def test_the_first_page_tells_what_flowed_failed_and_waits(office: Office) -> None:
    await after_a_morning(office)

    seen = await office.browser.get("/")

    assert seen.status == 200
    assert "2 messages could not be handled." in seen.text
    assert "1 row waits for another." in seen.text
    assert "STRING_TOO_LONG" in seen.text
    assert "<dd>1</dd>" in seen.text
    assert re.search(r"2(49|50|51) ms", seen.text)


@pytest.mark.parametrize("path", ["/", "/deadletters", "/trace?connection=acme&kind=client&id=7"])
async def test_what_vendors_say_is_shown_as_words_and_never_as_html(office: Office, path: str) -> None:
    await after_a_morning(office)

    seen = await office.browser.get(path)

    assert seen.status == 200
    assert HOSTILE not in seen.text


async def test_one_look_at_the_database_serves_everybody_for_a_moment(office: Office) -> None:
    await after_a_morning(office)
    await office.browser.get("/")
    before = office.desk.seen

    await office.browser.get("/")

    assert office.desk.seen is before


async def test_a_database_that_is_away_is_told_with_its_mend(office: Office, tmp_path: Path) -> None:
    office.installation.connections[ACME] = Connection(name=ACME)
    url = f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'view.sqlite'}"
    office.desk.settings = Settings(_env_file=None, home=tmp_path, database_url=url)

    seen = await office.browser.get("/")

    assert (seen.status, "Mend:" in seen.text) == (503, True)
    assert (await office.browser.get("/connections")).status == 200


async def test_the_trace_page_tells_the_story_of_an_invoice(office: Office) -> None:
    await after_a_morning(office)

    seen = await office.browser.get("/trace?connection=acme&kind=invoice&id=31")

    for step in ("fetch: fetched", "translate: translated", "deliver: applied", "Opportunity a1:31"):
        assert step in seen.text


async def test_the_trace_page_ends_with_the_rows_that_wait_to_be_sent(office: Office) -> None:
    await after_a_morning(office)
    store, now = await office.desk.store(), office.installation.registry.clock()
    booked = an_entry(
        *(Step.TRANSLATE, Verdict.TRANSLATED, "r2"), caused=("c9",), object=ObjectKind.INVOICE, object_id=31
    )
    await store.add(stored([booked], now, 6), {0: 7})

    seen = await office.browser.get("/trace?connection=acme&kind=invoice&id=31")

    assert "deliver: waits" in seen.text
    assert "freshforce ping acme" in seen.text


@pytest.mark.parametrize(
    "asked", ["connection=acme&kind=invoice&id=999", "connection=nobody&kind=client&id=7"]
)
async def test_an_object_that_nobody_knows_is_told_as_such(office: Office, asked: str) -> None:
    await after_a_morning(office)

    assert "Nothing is known of" in (await office.browser.get(f"/trace?{asked}")).text


@pytest.mark.parametrize(
    "asked", ["id=%00", "id=9999999999999999999999", "kind=%27%3B--&id=1", "id=-1", "id=²"]
)
async def test_nonsense_in_the_address_is_no_error(office: Office, asked: str) -> None:
    await after_a_morning(office)

    assert (await office.browser.get(f"/trace?connection=acme&{asked}")).status == 200


async def test_failures_are_grouped_by_cause_with_the_mend_and_a_way_to_try_again(office: Office) -> None:
    await after_a_morning(office)

    seen = await office.browser.get("/deadletters")

    assert "<code>STRING_TOO_LONG</code> at deliver: 2" in seen.text
    assert "Try all 2 again" in seen.text


async def test_a_retry_of_what_is_not_there_is_refused(office: Office) -> None:
    await after_a_morning(office)
    await office.browser.get("/deadletters")

    seen = await office.browser.post("/deadletters/retry", {"id": "f" * 32})

    assert (seen.status, "no-dead-letter" in seen.text) == (409, True)


async def test_a_discard_of_what_is_not_there_is_refused(office: Office) -> None:
    await after_a_morning(office)
    await office.browser.get("/deadletters")

    seen = await office.browser.post("/deadletters/discard", {"id": "f" * 32, "reason": "a test"})

    assert (seen.status, "no-dead-letter" in seen.text) == (409, True)


@pytest.mark.parametrize("act", ["retry", "discard"])
async def test_what_somebody_else_has_closed_while_the_page_stood_open_is_left_as_it_is(
    office: Office, act: str
) -> None:
    letter, fake = await refused(office), office.desk.letters
    await office.browser.get("/deadletters")
    await closed(office, letter, Verdict.RELEASED)

    seen = await office.browser.post(f"/deadletters/{act}", {"id": letter, "reason": "a test client"})

    assert (seen.status, "it may have been closed already" in seen.text) == (409, True)
    assert isinstance(fake, FakeLetters)
    assert (fake.put, fake.discarded) == ([], [])


@pytest.mark.parametrize(("before", "since"), [(1, 2), (2, 1)], ids=["later", "earlier, and heard of later"])
async def test_a_discard_of_a_cause_leaves_what_the_page_did_not_show(
    office: Office, before: int, since: int
) -> None:
    seen = await refused(office, before)
    page = (await office.browser.get("/deadletters")).text
    await refused(office, since)
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    cause = {"code": "STRING_TOO_LONG", "step": "deliver", "reason": "a test client", "shown": shown}

    await office.browser.post("/deadletters/discard", cause)

    assert isinstance(office.desk.letters, FakeLetters)
    assert [it.id for it, _ in office.desk.letters.discarded] == [seen]


async def test_a_discard_of_a_page_whose_letters_are_out_of_sight_by_now_is_refused(office: Office) -> None:
    await refused(office)
    await office.browser.get("/deadletters")
    cause = {"code": "STRING_TOO_LONG", "step": "deliver", "reason": "a test client", "shown": "f" * 32}

    seen = await office.browser.post("/deadletters/discard", cause)

    assert (seen.status, "load the page again" in seen.text) == (409, True)


async def test_a_discard_without_a_reason_is_refused_with_what_it_needs(office: Office) -> None:
    await after_a_morning(office)
    await office.browser.get("/deadletters")

    seen = await office.browser.post(
        "/deadletters/discard", {"code": "STRING_TOO_LONG", "step": "deliver", "reason": " "}
    )

    assert (seen.status, "no-reason" in seen.text) == (409, True)


async def test_a_discard_takes_older_ones_of_the_row_along_that_are_not_shown_and_tells_so_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [a_command(SObject.CONTACT, version=version) for version in (1, 2, 3)]
    other = a_command(SObject.CONTACT, 8, version=1)
    told = [buried_row(it, offset=nth)[1] for nth, it in enumerate((other, *states))]
    store = await office.desk.store()
    await store.add([row(0, nth, 1_000 + nth, encode(it)) for nth, it in enumerate(told)], {0: 4})
    monkeypatch.setattr(deadletters, "MOST", 1)
    assert isinstance(office.desk.letters, FakeLetters)

    seen = await office.browser.get("/deadletters")
    cause = {"code": "STRING_TOO_LONG", "step": "deliver", "reason": "a test client"}
    await office.browser.post("/deadletters/discard", cause)

    assert "And 2 older of its row, not shown here: they go with it." in seen.text
    assert [it.entry["result"]["version"] for it, _ in office.desk.letters.discarded] == [3, 1, 2]


async def test_where_all_are_shown_none_is_told_to_go_along(office: Office) -> None:
    await after_a_morning(office)

    assert "not shown here" not in (await office.browser.get("/deadletters")).text


async def test_a_retry_needs_a_form_of_ours(office: Office) -> None:
    await after_a_morning(office)

    seen = await office.browser.post("/deadletters/retry", {"id": "f" * 32, "csrf": ""})

    assert seen.status == 403


async def test_a_monitor_is_told_of_all_roles_at_once(office: Office) -> None:
    seen = await office.browser.get("/health/roles", Host="monitored:8081")

    assert (seen.status, seen.text) == (503, '{"ready": false, "roles": {}}')
