"""One dead letter on its page, over HTTP: masked until asked, sent once with other values, for a reason."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.deadletters.said import By, said
from app.mapping.setting import version_of
from app.view.letters import letters
from streams.domain.audit import Step, Verdict
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.identity import ObjectKind
from tests.builders.desk import Office, Seen, an_office
from tests.builders.events import an_event
from tests.builders.letters import buried, buried_row, buried_unread
from tests.builders.records import A_CONNECTION
from tests.builders.salesforce import an_account, an_opportunity
from tests.builders.told import stored
from tests.builders.vault import ACME
from tests.fakes.letters import FakeLetters


@dataclass
class Scene:
    """Pages over some dead letters."""

    office: Office
    letters: FakeLetters

    async def bury(self, command: Command) -> str:
        letter, entry = buried_row(command)
        return await self.keep(letter, entry)

    async def keep(self, letter: object, entry: object) -> str:
        self.letters.kept[letter.id] = letter  # type: ignore[attr-defined,assignment]
        store = await self.office.desk.store()
        await store.add(stored([entry], self.office.installation.registry.clock()), {0: 1})  # type: ignore[list-item]
        return str(letter.id)  # type: ignore[attr-defined]

    async def told_of(self, letter: str, how: str, actor: str) -> None:
        """Have the view tell that somebody did something about a letter."""
        store, now = await self.office.desk.store(), self.office.installation.registry.clock()
        told = next(it for it in await letters(store) if it.id == letter)
        entry = said(told, Verdict(how), By(now, actor, "it was too long"))
        await store.add(stored([entry], now, 100), {0: 101})

    async def get(self, letter: str, query: str = "") -> Seen:
        return await self.office.browser.get(f"/deadletters/{letter}{query}")

    async def edit(self, letter: str, **fields: str) -> Seen:
        await self.get(letter)
        return await self.office.browser.post(f"/deadletters/{letter}/edit", fields)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with an_office(tmp_path) as office:
        office.installation.connections[ACME] = Connection(name=ACME)
        kept = office.desk.letters = FakeLetters()
        yield Scene(office, kept)


def state_in(page: str) -> str:
    """The state of the letter that the form of a page brings back."""
    return page.partition('name="state" value="')[2].partition('"')[0]


async def test_a_letter_shows_cause_and_mend_and_its_fields_masked(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))

    text = (await scene.get(letter)).text

    assert "STRING_TOO_LONG" in text
    assert "shorten it" in text
    assert "(text, 12)" in text
    assert "Ferry" not in text


async def test_the_values_are_shown_to_whoever_asks_for_them(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))

    assert "Ferry &amp; Sons" in (await scene.get(letter, "?unmasked")).text


async def test_a_row_is_sent_once_with_other_values_and_the_audit_gets_who_and_why(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))

    seen = await scene.edit(letter, **{"set:Name": "Ferry Ltd"}, reason="too long", by="Ann")

    assert "sent anew" in seen.text
    ((again, by),) = scene.letters.put
    assert again.instead is not None
    assert (again.instead.fields["Name"], again.changed) == ("Ferry Ltd", ("Name",))
    assert (by.actor, by.reason, by.step) == ("Ann (at the page)", "too long", Step.DESK)


async def test_a_field_that_is_ticked_is_sent_empty(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))

    await scene.edit(letter, **{"clear:Name": "yes"}, reason="too long")

    ((again, by),) = scene.letters.put
    assert again.instead is not None
    assert again.instead.fields["Name"] is None
    assert by.actor == "somebody at the page"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"set:Name": "Ferry Ltd"}, "no reason was given"),
        ({"reason": "too long"}, "no field was given another value"),
        ({"set:Nome": "x", "reason": "too long"}, "does not set Nome"),
        ({"set:Name": "", "reason": "too long"}, "no field was given another value"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_its_mend_and_nothing_is_sent(
    scene: Scene, fields: dict[str, str], says: str
) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))

    refused = await scene.edit(letter, **fields)

    assert refused.status == 409
    assert says in refused.text
    assert scene.letters.put == []


async def test_a_field_that_refers_to_another_row_leads_to_where_that_is_said(scene: Scene) -> None:
    letter = await scene.bury(an_opportunity(31, 7))

    text = (await scene.get(letter)).text

    assert "refers to another row" in text
    assert 'name="set:AccountId"' not in text


async def test_what_had_not_become_a_row_is_shown_masked_and_has_no_form(scene: Scene) -> None:
    letter = await scene.keep(*buried(an_event(ObjectKind.CLIENT, 7)))

    text = (await scene.get(letter)).text

    assert "Its message, masked" in text
    assert "Send it so" not in text


async def test_bytes_that_are_no_message_are_shown_as_such(scene: Scene) -> None:
    letter = await scene.keep(*buried_unread(b"\xff<script>"))

    text = (await scene.get(letter)).text

    assert "bytes that are no JSON" in text
    assert "<script>" not in text.replace('<script src="/static', "")


async def test_a_letter_that_kafka_no_longer_holds_says_so(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    await scene.get(letter)
    scene.letters.kept.clear()

    refused = await scene.office.browser.post(f"/deadletters/{letter}/edit", {"set:Name": "x", "reason": "y"})

    assert refused.status == 409
    assert "no longer in Kafka" in (await scene.get(letter)).text


async def test_who_sends_what_somebody_else_has_sent_meanwhile_is_told_so_and_overwrites_nothing(
    scene: Scene,
) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    shown = (await scene.get(letter)).text
    await scene.told_of(letter, "edited", "Bob")

    refused = await scene.edit(
        letter, **{"set:Name": "Ferry & Co"}, reason="too long", state=state_in(shown), again="yes"
    )

    assert refused.status == 409
    assert "nothing was sent: it was edited by Bob while this page stood open" in refused.text
    assert scene.letters.put == []


async def test_a_second_click_sends_nothing_though_the_view_does_not_tell_of_the_first_yet(
    scene: Scene,
) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    form = {"set:Name": "Ferry Ltd", "reason": "too long", "state": ""}
    await scene.edit(letter, **form)

    refused = await scene.edit(letter, **form)

    assert (refused.status, len(scene.letters.put)) == (409, 1)
    assert "a moment ago" in refused.text


async def test_what_kafka_did_not_take_may_be_sent_again(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    form = {"set:Name": "Ferry Ltd", "reason": "too long", "state": ""}
    scene.letters.away = True
    assert (await scene.edit(letter, **form)).status == 503
    scene.letters.away = False

    await scene.edit(letter, **form)

    assert len(scene.letters.put) == 1


async def test_a_letter_that_is_closed_is_sent_once_more_by_whoever_ticks_that_he_means_it(
    scene: Scene,
) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    assert "send it once more" not in (await scene.get(letter)).text
    await scene.told_of(letter, "edited", "Bob")
    shown = (await scene.get(letter)).text
    form = {"set:Name": "Ferry & Co", "reason": "as on the sign", "state": state_in(shown)}

    refused = await scene.edit(letter, **form)
    assert (refused.status, scene.letters.put) == (409, [])
    assert "tick that you mean to" in refused.text

    await scene.edit(letter, **form, again="yes")
    assert len(scene.letters.put) == 1


async def test_a_page_elsewhere_can_edit_nothing(scene: Scene) -> None:
    letter = await scene.bury(an_account(7, "Ferry & Sons"))
    await scene.get(letter)
    form = {"set:Name": "x", "reason": "y"}

    foreign = await scene.office.browser.post(
        f"/deadletters/{letter}/edit", form, Origin="https://evil.example"
    )

    assert (foreign.status, scene.letters.put) == (403, [])


async def test_a_row_that_an_older_mapping_made_says_so_and_what_makes_it_anew(scene: Scene) -> None:
    scene.office.installation.connections[ACME] = A_CONNECTION
    letter = await scene.bury(an_opportunity(123))

    pages = await scene.get(letter), await scene.office.browser.get("/deadletters")

    for page in pages:
        assert "older mapping" in page.text
        assert "freshforce replay preview acme --only invoice:123" in page.text


async def test_a_row_of_todays_mapping_needs_no_such_word(scene: Scene) -> None:
    scene.office.installation.connections[ACME] = A_CONNECTION
    todays = an_opportunity(123).model_copy(update={"mapping": version_of(A_CONNECTION)})
    letter = await scene.bury(todays)

    pages = await scene.get(letter), await scene.office.browser.get("/deadletters")

    assert not [page for page in pages if "older mapping" in page.text]
