"""Replay on pages, over HTTP: previewed, confirmed, carried out, halted, refused with a mend."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.desk.replay.looking import PREVIEW
from streams.domain.connection import Connection
from streams.domain.replay import ReplayState, Source
from tests.builders.desk import Office, Seen, an_office
from tests.builders.replays import a_replay
from tests.builders.vault import ACME

PLAN = "3f29c6d1a0b7"
PAGE = f"/replay/{PLAN}"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        found.installation.connections[ACME] = Connection(name=ACME)
        yield found


def planned(
    office: Office, state: ReplayState = ReplayState.PLANNED, source: Source = Source.RECORDS
) -> None:
    office.replays.plans[PLAN] = a_replay(state=state, source=source)


async def previewed(office: Office, **fields: str) -> Seen:
    await office.browser.get("/replay")
    seen = await office.browser.post("/replay", {"connection": "acme", "source": "records"} | fields)
    while (work := office.desk.works.get(PREVIEW)) and work.under_way:  # noqa: ASYNC110 - a work rings no bell
        await asyncio.sleep(0.01)
    return seen


async def pressed(office: Office, wish: str, **more: str) -> Seen:
    await office.browser.get(PAGE)
    return await office.browser.post(PAGE, {"do": wish} | more)


async def until(office: Office, state: ReplayState) -> None:
    async with asyncio.timeout(5):
        while office.replays.plans[PLAN].state is not state:  # noqa: ASYNC110 - a dict rings no bell
            await asyncio.sleep(0.01)


async def test_a_preview_shows_each_field_as_it_was_and_would_be_and_what_it_costs(office: Office) -> None:
    await previewed(office, only="client:7")

    assert PLAN in (await office.browser.get("/replay")).text
    text = (await office.browser.get(PAGE)).text
    assert "&#39;Before&#39;" in text
    assert "After &amp; &lt;b&gt;" in text
    assert "Account: 1 changed" in text
    assert "4 rows left alone" in text
    assert "1 API call" in text
    assert "client:7" in text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"only": "payment:3"}, "neither client:NUMBER nor invoice:NUMBER"),
        ({"only": "invoice:3", "source": "commands"}, "replay the client, or from the records"),
        ({"since": "yesterday"}, "give a day as YYYY-MM-DD"),
        ({"source": "elsewhere"}, "one of the sources"),
        ({"connection": "nobody"}, "there is no connection nobody"),
    ],
)
async def test_what_cannot_be_replayed_is_refused_with_its_mend_and_plans_nothing(
    office: Office, fields: dict[str, str], says: str
) -> None:
    seen = await previewed(office, **fields)

    assert seen.status == 422
    assert says in seen.text
    assert office.replays.plans == {}


async def test_a_plan_is_applied_only_once_it_is_confirmed(office: Office) -> None:
    planned(office)

    refused = await pressed(office, "apply")
    assert (refused.status, office.replays.plans[PLAN].state) == (409, ReplayState.PLANNED)
    assert "tick the box" in refused.text

    office.replays.done.set()
    await pressed(office, "apply", sure="yes")
    await until(office, ReplayState.DONE)


async def test_a_plan_from_the_events_is_confirmed_without_a_number_that_nobody_knows(office: Office) -> None:
    planned(office, source=Source.EVENTS)

    text = (await office.browser.get(PAGE)).text

    assert "Read FreshBooks again, and write to Salesforce what differs" in text
    assert "1 row" not in text


async def test_a_running_replay_shows_how_far_it_is_and_can_be_paused_and_resumed(office: Office) -> None:
    planned(office)
    await pressed(office, "apply", sure="yes")
    await until(office, ReplayState.RUNNING)

    text = (await office.browser.get(PAGE)).text
    assert '<progress max="4" value="2"' in text
    assert "Pause" in text

    await pressed(office, "pause")
    await until(office, ReplayState.PAUSED)
    assert "Resume" in (await office.browser.get(PAGE)).text
    await pressed(office, "resume")
    await until(office, ReplayState.DONE)


async def test_who_previewed_applied_and_stopped_a_plan_stands_on_its_page_and_in_the_list(
    office: Office,
) -> None:
    await previewed(office, by="Ann")
    await pressed(office, "apply", sure="yes", by="Bob <b>")
    await until(office, ReplayState.RUNNING)
    await pressed(office, "stop", sure="yes", by="Cleo")
    await until(office, ReplayState.STOPPED)

    text = (await office.browser.get(PAGE)).text
    assert "by Ann (at the page)" in text
    assert "applied by Bob &lt;b&gt; (at the page), stopped by Cleo (at the page)" in text
    assert "Cleo (at the page)" in (await office.browser.get("/replay")).text
    assert 'value="Cleo"' in (await office.browser.get("/replay")).text


async def test_stopping_for_good_is_confirmed_too(office: Office) -> None:
    planned(office, ReplayState.PAUSED)

    refused = await pressed(office, "stop")
    assert (refused.status, office.replays.plans[PLAN].state) == (409, ReplayState.PAUSED)

    await pressed(office, "stop", sure="yes")
    await until(office, ReplayState.STOPPED)


async def test_a_plan_that_does_not_hold_any_more_says_what_moved_and_has_no_button(office: Office) -> None:
    planned(office)
    office.replays.moved.append("acme:9 is new at freshforce.records/0/12")

    text = (await office.browser.get(PAGE)).text

    assert "acme:9 is new at freshforce.records/0/12" in text
    assert "preview once more" in text
    assert "Apply this plan" not in text


async def test_what_moved_after_the_page_was_made_refuses_the_button_too(office: Office) -> None:
    planned(office)
    assert "Apply this plan" in (await office.browser.get(PAGE)).text
    office.replays.moved.append("the mapping changed from a to b")

    await office.browser.post(PAGE, {"do": "apply", "sure": "yes"})
    office.replays.moved.clear()  # so that only what the button met can tell of it

    assert "the mapping changed from a to b" in (await office.browser.get(PAGE)).text
    assert (office.replays.plans[PLAN].state, office.replays.begun) == (ReplayState.PLANNED, 0)


async def test_what_is_just_beginning_has_no_stop_and_takes_none(office: Office) -> None:
    planned(office)
    office.replays.stay = asyncio.Event()
    await pressed(office, "apply", sure="yes")
    await until(office, ReplayState.ASKED)

    assert "Stop for good" not in (await office.browser.get(PAGE)).text
    refused = await office.browser.post(PAGE, {"do": "stop", "sure": "yes"})
    assert refused.status == 409
    assert "just stepping aside" in refused.text

    office.replays.stay.set()
    await until(office, ReplayState.RUNNING)
    assert "Stop for good" in (await office.browser.get(PAGE)).text


async def test_one_that_was_left_while_the_workers_stepped_aside_is_resumed_or_stopped(
    office: Office,
) -> None:
    planned(office, ReplayState.ASKED)

    text = (await office.browser.get(PAGE)).text

    assert "Resume" in text
    assert "Stop for good" in text


async def test_a_second_halt_waits_for_the_first_and_the_same_one_twice_is_one(office: Office) -> None:
    planned(office, ReplayState.RUNNING)
    office.replays.stay = asyncio.Event()
    await pressed(office, "pause")
    await until(office, ReplayState.ASKED)

    assert (await office.browser.post(PAGE, {"do": "pause"})).status == 200
    for other in ("stop", "resume"):
        refused = await office.browser.post(PAGE, {"do": other, "sure": "yes"})
        assert (refused.status, "is about to pause" in refused.text) == (409, True)

    office.replays.stay.set()
    await until(office, ReplayState.PAUSED)


async def test_looking_at_a_plan_follows_it_and_takes_up_nothing(office: Office) -> None:
    planned(office, ReplayState.RUNNING)
    await office.browser.get(PAGE)
    planned(office, ReplayState.PAUSED)

    office.replays.done.set()
    await office.browser.get(PAGE)
    await asyncio.sleep(0.05)

    assert (office.replays.plans[PLAN].state, office.replays.begun) == (ReplayState.PAUSED, 0)


async def test_a_preview_beside_another_one_is_said_not_to_have_begun(office: Office) -> None:
    office.replays.look = asyncio.Event()
    await office.browser.get("/replay")
    await office.browser.post("/replay", {"connection": "acme", "source": "records"})

    second = await office.browser.post(
        "/replay", {"connection": "acme", "source": "records", "only": "client:9"}
    )

    assert second.status == 409
    assert "another one is under way" in second.text
    assert 'value="client:9"' in second.text


async def test_a_page_elsewhere_can_apply_nothing(office: Office) -> None:
    planned(office)
    await office.browser.get(PAGE)

    foreign = await office.browser.post(PAGE, {"do": "apply", "sure": "yes"}, Origin="https://evil.example")
    forged = await office.browser.post(PAGE, {"do": "apply", "sure": "yes", "csrf": "0" * 64})

    assert (foreign.status, forged.status) == (403, 403)
    assert office.replays.plans[PLAN].state is ReplayState.PLANNED


async def test_a_plan_that_nobody_made_is_told_with_a_way_to_those_that_are(office: Office) -> None:
    seen = await office.browser.get("/replay/000000000000")

    assert seen.status == 409
    assert "freshforce replay list" in seen.text
