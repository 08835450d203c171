"""The sure ones on a page, over HTTP against a Salesforce sandbox: shown together, decided together."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.kafka.failures import KafkaAway
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.rules import Rules, ValidationRule
from streams.domain.identity import AccountId
from streams.domain.match import MatchState
from tests.builders.desk import Office, Seen, an_office
from tests.builders.matching import Matched, a_sure_one, decided, matched_org
from tests.builders.salesforce import ACME

PAGE = "/matches/acme/sure"


@dataclass
class Scene:
    """Pages over an org with an Account for each of the clients 7, 8 and 9."""

    office: Office
    org: Matched
    accounts: dict[int, str]

    async def get(self, path: str = PAGE) -> Seen:
        return await self.office.browser.get(path)

    async def pressed(self, **fields: str) -> Seen:
        """Press a button of the page as it is now, and return the page once that is done."""
        await self.get()
        return await self.sent(**fields)

    async def sent(self, **fields: str) -> Seen:
        """Press a button of the page that was seen last."""
        answered = await self.office.browser.post(PAGE, fields)
        await self._over()
        return answered if answered.status != 200 else await self.get()

    async def sent_while_kafka_goes(self) -> Seen:
        """Press the button that decides, and return the page once that is over and Kafka is back."""
        await self.office.browser.post(PAGE, {"seal": self.seal, "reason": "looked through"})
        await self._over()
        self.org.book.meanwhile = int
        return await self.get()

    async def _over(self) -> None:
        while (work := self.office.desk.works.get(("sure", "acme"))) and work.under_way:  # noqa: ASYNC110 - rings no bell
            await asyncio.sleep(0.01)

    @property
    def seal(self) -> str:
        work = self.office.desk.works.get(("sure", "acme"))
        assert work is not None
        assert work.result is not None, work.error
        return str(work.result.seal)

    def states(self) -> dict[int, MatchState]:
        return {each.client: each.state for each in self.org.book.matches.values() if each.account}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with an_office(tmp_path) as office, matched_org() as org:
        settings = org.here.settings[ACME].model_copy(update={"freshbooks_account_id": AccountId("ACC1")})
        org.here.settings[ACME] = office.installation.connections[ACME] = settings
        office.desk.book, office.desk.orgs = org.book, org.here.lanes
        accounts = {client: org.plant(Name=f"Firm & {client}") for client in (7, 8, 9)}
        await org.book.write(*(a_sure_one(client, account) for client, account in accounts.items()))
        yield Scene(office, org, accounts)


def hands_off(scene: Scene) -> None:
    """Let the org refuse to have the Account of client 8 changed."""
    rule = ValidationRule(sobject="Account", refuse_when="Name = 'Firm & 8'", message="hands off")
    scene.org.here.org.control.rules(Rules(validation=(rule,)))


async def test_the_list_leads_to_those_of_whom_one_account_is_sure(scene: Scene) -> None:
    text = (await scene.get("/matches")).text

    assert f'<a href="{PAGE}">3 clients of acme</a> wait though one Account is sure' in text


async def test_without_any_the_list_does_not_mention_them_and_the_page_says_so(scene: Scene) -> None:
    for client, account in scene.accounts.items():
        await scene.org.book.write(a_sure_one(client, account, sure=False))

    assert PAGE not in (await scene.get("/matches")).text
    assert "No client waits of which one Account is sure" in (await scene.get()).text


async def test_a_look_names_each_client_with_its_account_and_writes_nothing(scene: Scene) -> None:
    seen = await scene.pressed()

    for client, account in scene.accounts.items():
        assert f"client {client}</a>" in seen.text
        assert account in seen.text
        assert f"Firm &amp; {client}" in seen.text
    assert "Decide all 3 so" in seen.text
    assert seen.text.count("FreshBooks&#39; values replace what is in the Account&#39;s Name, Phone,") == 1
    assert set(scene.org.accounts.values()) == {""}
    assert scene.states() == {}


async def test_all_that_were_shown_are_decided_with_one_reason_and_a_name(scene: Scene) -> None:
    await scene.pressed()

    seen = await scene.pressed(seal=scene.seal, reason="looked through", by="Ann Müller")

    assert "3 decided." in seen.text
    assert scene.org.accounts == {account: f"ACC1:{client}" for client, account in scene.accounts.items()}
    match = scene.org.standing(8)
    assert match is not None
    assert (match.state, match.reason) == (MatchState.LINKED, "looked through")
    assert match.actor == "Ann Müller (at the page)"


async def test_one_of_which_somebody_decided_otherwise_meanwhile_is_left_and_the_others_are_decided(
    scene: Scene,
) -> None:
    bob = decided(8, MatchState.SEPARATE)
    await scene.pressed()
    scene.org.book.meanwhile = lambda: scene.org.book.matches.update({bob.key: bob})

    seen = await scene.sent(seal=scene.seal, reason="looked through")

    assert "2 decided." in seen.text
    assert "client 8</a> stays as it is: nothing was written" in seen.text
    assert scene.org.accounts[scene.accounts[8]] == ""
    assert scene.org.standing(8) == bob


async def test_one_whose_account_could_not_be_linked_is_decided_and_has_to_be_repeated(scene: Scene) -> None:
    hands_off(scene)
    await scene.pressed()

    seen = await scene.sent(seal=scene.seal, reason="looked through")

    assert "2 decided." in seen.text
    assert "client 8</a> was decided, but that is not done to its end" in seen.text
    assert "hands off" in seen.text
    assert "stays as it is" not in seen.text
    assert scene.states()[8] is MatchState.LINKED


async def test_what_could_not_be_done_is_forgotten_once_somebody_decided_it_anew(scene: Scene) -> None:
    hands_off(scene)
    await scene.pressed()
    await scene.sent(seal=scene.seal, reason="looked through")

    await scene.org.book.write(decided(8, MatchState.SEPARATE))

    assert "hands off" not in (await scene.get()).text


async def test_where_none_was_decided_nothing_is_said_to_be_well(scene: Scene) -> None:
    bobs = [decided(client, MatchState.SEPARATE) for client in scene.accounts]
    await scene.pressed()
    scene.org.book.meanwhile = lambda: scene.org.book.matches.update({bob.key: bob for bob in bobs})

    seen = await scene.sent(seal=scene.seal, reason="looked through")

    assert "None was decided to its end." in seen.text
    assert "note well" not in seen.text


async def test_what_was_decided_before_kafka_went_away_is_told_beside_that(scene: Scene) -> None:
    def away_after_the_first() -> None:
        if any(scene.org.accounts.values()):
            raise KafkaAway(why="NoBrokersAvailable")

    await scene.pressed()
    scene.org.book.meanwhile = away_after_the_first
    seen = await scene.sent_while_kafka_goes()

    assert "1 decided." in seen.text
    assert "NoBrokersAvailable" in seen.text


async def test_one_over_which_salesforce_goes_away_once_it_was_decided_is_told_and_has_to_be_repeated(
    scene: Scene,
) -> None:
    await scene.pressed()
    away = Rule(kind=FaultKind.RESET, method="PATCH", path="*/composite/sobjects", skip=1)
    scene.org.here.org.control.faults(Faults(rules=(away,)))

    seen = await scene.sent(seal=scene.seal, reason="looked through")

    assert scene.states() == {7: MatchState.LINKED, 8: MatchState.LINKED}
    assert "1 decided." in seen.text
    assert "client 8</a> was decided, but that is not done to its end" in seen.text
    assert "client 9</a>" not in seen.text
    assert "1 client waits" in seen.text


async def test_what_was_decided_is_told_though_the_log_fell_silent_over_one_that_could_not_be_linked(
    scene: Scene,
) -> None:
    def away_once_it_was_decided() -> None:
        if scene.states().get(8) is MatchState.LINKED:
            raise KafkaAway(why="NoBrokersAvailable")

    hands_off(scene)
    await scene.pressed()
    scene.org.book.meanwhile = away_once_it_was_decided
    seen = await scene.sent_while_kafka_goes()

    assert "1 decided." in seen.text
    assert "client 8</a> may have been decided" in seen.text
    assert "hands off" in seen.text
    assert "NoBrokersAvailable" in seen.text


async def test_what_somebody_else_decided_meanwhile_is_not_told_as_decided_here(scene: Scene) -> None:
    bob = decided(8, MatchState.LINKED, scene.accounts[8])
    await scene.pressed()
    scene.org.book.meanwhile = lambda: scene.org.book.matches.update({bob.key: bob})

    seen = await scene.sent(seal=scene.seal, reason="looked through")

    assert "2 decided." in seen.text
    assert "client 8</a> stays as it is: nothing was written" in seen.text


async def test_a_look_is_forgotten_once_somebody_decided_otherwise(scene: Scene) -> None:
    await scene.pressed()
    await scene.org.book.write(decided(8, MatchState.SEPARATE))

    seen = await scene.get()

    assert "Decide all" not in seen.text
    assert "2 clients wait" in seen.text


async def test_deciding_needs_a_reason_and_what_was_looked_at(scene: Scene) -> None:
    await scene.pressed()

    assert (await scene.pressed(seal=scene.seal)).status == 409
    assert (await scene.pressed(seal="0" * 64, reason="why not")).status == 409
    assert scene.states() == {}
