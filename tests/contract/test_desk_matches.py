"""Matches on pages, over HTTP against a Salesforce sandbox: who waits, what a decision would do, deciding."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.desk.works import Work
from streams.domain.audit import AuditEntry, Step
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ClientId
from streams.domain.match import MatchState
from tests.builders.desk import Office, Seen, an_office
from tests.builders.installation import clock
from tests.builders.matching import Matched, a_client, decided, matched_org
from tests.builders.salesforce import ACME, a_contact, an_opportunity

PAGE = "/matches/acme/7"


@dataclass
class Scene:
    """Pages over an org whose clients are matched."""

    office: Office
    org: Matched

    async def get(self, path: str = PAGE) -> Seen:
        return await self.office.browser.get(path)

    async def pressed(self, **fields: str) -> Seen:
        """Press a button of client 7's page, and return the page once that is done."""
        await self.get()
        answered = await self.office.browser.post(PAGE, fields)
        return answered if answered.status != 200 else await self.settled()

    async def settled(self) -> Seen:
        key = "match", "acme", 7
        while (work := self.office.desk.works.get(key)) and work.under_way:  # noqa: ASYNC110 - rings no bell
            await asyncio.sleep(0.01)
        return await self.get()

    async def decided(self, **fields: str) -> Seen:
        """Look what it would do, then decide so."""
        await self.pressed(**fields)
        return await self.pressed(seal=self.seal, reason="the one in Toronto", by="Ann Müller")

    @property
    def questions(self) -> int:
        """How many questions the org was asked."""
        return self.org.here.calls()

    @property
    def seal(self) -> str:
        work = self.office.desk.works.get(("match", "acme", 7))
        assert work is not None
        assert work.result is not None, work.error
        return str(work.result.seal)

    @property
    def entries(self) -> list[AuditEntry]:
        return [each for each in self.office.installation.audit if each.verdict.value == "matched"]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with an_office(tmp_path) as office, matched_org() as org:
        settings = org.here.settings[ACME].model_copy(update={"freshbooks_account_id": AccountId("ACC1")})
        org.here.settings[ACME] = office.installation.connections[ACME] = settings
        office.desk.book, office.desk.orgs = org.book, org.here.lanes
        yield Scene(office, org)


async def a_waiting_client(scene: Scene) -> tuple[str, str]:
    """Let client 7 be like two Accounts."""
    found = [scene.org.plant(Name="Acme", Phone=phone) for phone in ("1", "2")]
    await scene.org.matching.introduce(a_client())
    return found[0], found[1]


async def test_the_list_names_who_waits_with_score_reason_and_a_link_to_the_account(scene: Scene) -> None:
    first, second = await a_waiting_client(scene)

    text = (await scene.get("/matches")).text

    assert "1 client waits for you" in text
    assert 'href="/matches/acme/7"' in text
    assert f"/{first}" in text or f"/{second}" in text
    assert "of 100" in text


async def test_without_anybody_who_waits_the_list_says_so(scene: Scene) -> None:
    assert "No client waits for you" in (await scene.get("/matches")).text


async def test_a_clients_page_shows_each_candidate_as_the_org_has_it(scene: Scene) -> None:
    first, second = await a_waiting_client(scene)

    text = (await scene.get()).text

    for account in (first, second):
        assert account in text
    assert text.count("It is this one") == 2
    names = re.findall(r"It is this one<span class=\"unseen\">([^<]*)<", text)
    assert sorted(names) == sorted(f" Acme {account}" for account in (first, second))
    assert "None of them: a new Account" in text


async def test_a_decision_shows_first_what_it_would_do_and_writes_nothing(scene: Scene) -> None:
    first, _ = await a_waiting_client(scene)

    seen = await scene.pressed(act="accept", other=first)

    assert "it gets the client&#39;s number" in seen.text
    assert "FreshBooks&#39; values replace what is in the Account&#39;s Name, Phone," in seen.text
    assert "Decide so" in seen.text
    assert scene.org.accounts[first] == ""
    assert scene.entries == []


async def test_what_was_shown_is_decided_with_reason_and_name(scene: Scene) -> None:
    first, _ = await a_waiting_client(scene)

    seen = await scene.decided(act="accept", other=first)

    assert "Decided." in seen.text
    assert scene.org.accounts[first] == "ACC1:7"
    match = scene.org.standing(7)
    assert match is not None
    assert (match.state, match.account) == (MatchState.LINKED, first)
    assert (match.actor, match.reason) == ("Ann Müller (at the page)", "the one in Toronto")
    ((actor, step),) = ((each.details["actor"], each.step) for each in scene.entries)
    assert (actor, step) == ("Ann Müller (at the page)", Step.DESK)
    again = (await scene.pressed(act="undo")).text
    assert 'value="Ann Müller"' in again


async def test_none_of_them_lets_the_client_have_an_account_of_its_own(scene: Scene) -> None:
    await a_waiting_client(scene)

    await scene.decided(act="reject")

    match = scene.org.standing(7)
    assert match is not None
    assert match.state is MatchState.SEPARATE


async def test_taking_back_shows_each_row_that_would_move(scene: Scene) -> None:
    old = scene.org.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
    await scene.org.matching.introduce(a_client())
    for row in (a_contact(7, 7), an_opportunity(31, 7)):
        await scene.org.matching.write(row)

    seen = await scene.pressed(act="undo")
    assert f"from {old} to a new Account" in seen.text
    assert scene.org.accounts[old] == "ACC1:7"

    await scene.pressed(seal=scene.seal, reason="another Acme")
    assert scene.org.accounts[old] == ""
    assert scene.org.standing(7).state is MatchState.UNDONE  # type: ignore[union-attr]


async def test_what_would_do_something_else_by_now_is_not_done(scene: Scene) -> None:
    old = scene.org.plant(Name="Acme", FreshBooks_Email__c="ann@acme.example")
    await scene.org.matching.introduce(a_client())
    await scene.pressed(act="undo")
    await scene.org.matching.write(a_contact(7, 7))

    seen = await scene.pressed(seal=scene.seal, reason="another Acme")

    assert "by now it would do something else" in seen.text
    assert scene.org.accounts[old] == "ACC1:7"
    assert scene.entries == []


async def test_a_look_is_overruled_by_what_somebody_else_decided_since(scene: Scene) -> None:
    """The org's row would become the same; but Bob has said otherwise at the shell."""
    first, _ = await a_waiting_client(scene)
    await scene.pressed(act="accept", other=first)
    seal = scene.seal
    await scene.org.book.write(decided(7, MatchState.SEPARATE))

    seen = await scene.pressed(seal=seal, reason="the one in Toronto")

    assert "by now" in seen.text
    assert "something else" in seen.text
    assert scene.org.accounts[first] == ""
    assert scene.org.standing(7) == decided(7, MatchState.SEPARATE)


async def test_what_was_decided_is_forgotten_once_somebody_decided_otherwise(scene: Scene) -> None:
    first, _ = await a_waiting_client(scene)
    await scene.decided(act="accept", other=first)
    assert "Decided." in (await scene.get()).text

    later = decided(7, MatchState.UNDONE, first)
    await scene.org.book.write(later.model_copy(update={"at": clock() + timedelta(hours=1)}))

    assert "Decided." not in (await scene.get()).text


async def test_a_page_that_waits_asks_the_vendors_once_and_its_script_none_at_all(scene: Scene) -> None:
    await a_waiting_client(scene)
    ended = asyncio.Event()

    async def lasts(begun: Work[None]) -> None:
        begun.says = "the log is read"
        await ended.wait()

    scene.office.desk.works.begin(("match", "acme", 7), lasts)
    before = scene.questions
    first = await scene.get()
    asked = scene.questions - before

    for _ in range(3):
        part = await scene.office.browser.get(PAGE, **{"HX-Request": "true"})
        again = await scene.get()

    assert scene.questions == before + asked
    assert asked > 0
    assert "the log is read" in part.text
    assert "<input" not in part.text
    assert first.text.count("Acme") == again.text.count("Acme")
    ended.set()


@pytest.mark.parametrize("path", ["/matches", PAGE])
@pytest.mark.parametrize("opened", [False, True])
async def test_one_may_decide_while_the_views_database_is_away(
    scene: Scene, path: str, *, opened: bool
) -> None:
    first, _ = await a_waiting_client(scene)
    desk = scene.office.desk
    if opened:
        async with (await desk.store()).engine.begin() as database:
            await database.execute(text("DROP TABLE entries"))
    else:
        desk.settings = desk.settings.model_copy(
            update={"database_url": SecretStr("sqlite+aiosqlite:////nowhere/view.sqlite")}
        )

    seen = await scene.get(path)

    assert (seen.status, first in seen.text or PAGE in seen.text) == (200, True)
    assert (await scene.get("/deadletters")).status == 503


async def test_a_decision_needs_a_reason_and_what_was_looked_at(scene: Scene) -> None:
    first, _ = await a_waiting_client(scene)
    await scene.pressed(act="accept", other=first)

    assert (await scene.pressed(seal=scene.seal)).status == 409
    assert (await scene.pressed(seal="0" * 64, reason="why not")).status == 409
    assert (await scene.pressed(act="merge")).status == 409
    assert scene.entries == []


async def test_what_cannot_be_is_refused_with_its_mend(scene: Scene) -> None:
    await a_waiting_client(scene)

    seen = await scene.pressed(act="accept", other="001000000000000AAA")

    assert "has no Account" in seen.text
    assert "Mend:" in seen.text


async def test_a_client_of_which_nothing_is_known_is_found_by_its_number(scene: Scene) -> None:
    seen = await scene.get("/matches/find?connection=acme&client=12")

    assert "Client 12 of acme" in seen.text
    assert "Nothing was asked or said" in seen.text


async def test_the_pages_need_no_salesforce_to_show_who_waits(tmp_path: Path) -> None:
    async with an_office(tmp_path) as office:
        office.installation.connections[ACME] = Connection(name=ACME)

        assert (await office.browser.get("/matches")).status == 200
        assert (await office.browser.get(PAGE)).status == 200


async def test_who_shares_an_account_is_shown_with_the_client_whose_it_is_and_no_account_of_then(
    scene: Scene,
) -> None:
    then = scene.org.plant(Name="Acme of then")
    joined = decided(7, MatchState.JOINED, then).model_copy(update={"to": ClientId(8)})
    await scene.org.book.write(joined)

    page, listed = await scene.get(), await scene.get("/matches?all")

    assert "client 8" in page.text
    assert "that of client 8" in listed.text
    assert then not in page.text + listed.text
