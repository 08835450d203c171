"""From the question to the connection, as the owner's browser goes: FreshBooks, our ingress, the asker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.connect import asking
from app.connect.asking import OPEN_FOR, answered, begin, came, end, give_up, until_came
from app.connect.consent import Consent
from app.connect.freshbooks import Urls, with_urls
from app.freshbooks.oauth import OAuthApp
from app.ingress.clocks import Clocks
from app.ingress.consents import PATH, Consents
from app.vault.grants import ConsentGrant, FreshBooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Refused, Unreachable
from streams.domain.grant import Sealed, Side
from streams.domain.message import Value
from tests.builders.consents import joined
from tests.builders.installation import Installation, clock, installed
from tests.builders.vault import ACME
from tests.builders.webhooks import a_house


@dataclass
class Kafka:
    """Keeps what the ingress keeps where the asker looks for it."""

    home: Installation

    def put(self, value: Value) -> "asyncio.Future[bool]":
        assert isinstance(value, Sealed)
        self.home.view.put(value)
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        kept.set_result(True)
        return kept


@dataclass
class Owner:
    """Asks, and goes where FreshBooks leads."""

    home: Installation
    app: OAuthApp
    connection: Connection

    async def ask(self) -> Consent:
        return await begin(self.home.registry, self.home.session, self.connection, self.app)

    async def allow(self, consent: Consent) -> str:
        """Allow the app; return the page on which the browser ends."""
        async with self.home.session.get(consent.url) as page:
            return await page.text()

    async def visit(self, query: str) -> int:
        """Open the address that FreshBooks leads to, with another query; return the answer's status."""
        async with self.home.session.get(f"{self.app.redirect_uri}?{query}") as page:
            return page.status


@asynccontextmanager
async def an_owner() -> AsyncIterator[Owner]:
    async with installed() as home, a_house() as house:
        consents = Consents(Kafka(home), Clocks(clock, asyncio.get_running_loop().time))
        consents.grants = home.registry.grants
        house.reception.consents = consents
        app = replace(home.app, redirect_uri=f"http://127.0.0.1:{house.port}{PATH}")
        urls = Urls(home.sandbox.url, home.sandbox.url)
        connection = with_urls(Connection(name=ACME), urls, allow_http=True)
        yield Owner(home, app, connection)


async def test_the_browser_s_way_back_to_the_ingress_finishes_the_consent() -> None:
    async with an_owner() as owner:
        registry, consent = owner.home.registry, await owner.ask()
        waiting = asyncio.create_task(until_came(registry, ACME, consent.state))

        page = await owner.allow(consent)

        assert "goes on by itself" in page
        asked = came(registry, ACME)
        parts = registry, owner.home.session, asked.connection, asked.app
        connection = await joined(*parts, await waiting)
        await end(registry, ACME, consent.state)
        assert connection.freshbooks_account_id == owner.home.sandbox.account_id
        assert registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS) is not None
        with pytest.raises(Misconfigured, match="no consent is asked"):
            came(registry, ACME)


async def test_who_gives_up_an_old_question_leaves_the_newer_one_open() -> None:
    async with an_owner() as owner:
        registry, old = owner.home.registry, await owner.ask()
        newer = await owner.ask()

        await end(registry, ACME, old.state)

        assert came(registry, ACME).state == newer.state


def elsewhere(owner: Owner, **changed: object) -> None:
    """Have another process change the question, which is yet to be read here."""
    grants = owner.home.registry.grants
    held, sealed = grants.held(ConsentGrant, ACME, Side.CONSENT), grants.sealed(ACME, Side.CONSENT)
    assert held is not None
    assert sealed is not None
    after = grants.sealer.seal(held.grant.model_copy(update=changed), ACME, sealed.generation + 1, clock())
    owner.home.view.held_back = [after.model_copy(update={"follows": sealed.mark})]


async def test_who_ends_a_question_leaves_open_the_one_that_another_process_has_asked_a_moment_ago() -> None:
    async with an_owner() as owner:
        registry, old = owner.home.registry, await owner.ask()
        elsewhere(owner, state=SecretStr("acme.newer"))

        await end(registry, ACME, old.state)

        assert came(registry, ACME).state == "acme.newer"


async def test_who_gives_up_a_question_leaves_it_to_whoever_has_taken_its_code_a_moment_ago() -> None:
    async with an_owner() as owner:
        registry, asked = owner.home.registry, await owner.ask()
        elsewhere(owner, taken_at=clock())

        await give_up(registry, ACME, asked.state)

        assert came(registry, ACME).taken_at is not None


async def test_while_kafka_is_away_a_question_stays_and_who_gives_it_up_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with an_owner() as owner:
        registry, consent = owner.home.registry, await owner.ask()
        monkeypatch.setattr(asking, "LOOK", 0.01)
        monkeypatch.setattr(owner.home.view, "caught_up", asyncio.Event().wait)

        with pytest.raises(Unreachable):
            await give_up(registry, ACME, consent.state)

        assert came(registry, ACME).state == consent.state


async def test_a_code_that_was_taken_is_ours_to_trade_though_kafka_falls_silent_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with an_owner() as owner:
        registry, consent = owner.home.registry, await owner.ask()
        monkeypatch.setattr(asking, "LOOK", 0.01)
        takes = asking.take

        async def then_silent(*question: Any) -> bool:
            ours = await takes(*question)
            monkeypatch.setattr(owner.home.view, "caught_up", asyncio.Event().wait)
            return ours

        monkeypatch.setattr(asking, "take", then_silent)
        await owner.allow(consent)

        code = await answered(registry, ACME, consent.state, until_came(registry, ACME, consent.state))

        assert code.state == consent.state
        assert came(registry, ACME).taken_at is not None


async def test_while_kafka_is_away_who_waited_hears_why_it_ended_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with an_owner() as owner:
        registry, consent = owner.home.registry, await owner.ask()
        await owner.visit(f"error=access_denied&state={consent.state}")
        monkeypatch.setattr(asking, "LOOK", 0.01)
        monkeypatch.setattr(owner.home.view, "caught_up", asyncio.Event().wait)

        with pytest.raises(Refused) as denied:
            await answered(registry, ACME, consent.state, until_came(registry, ACME, consent.state))

        assert denied.value.code == "consent-denied"


async def test_who_leaves_before_an_answer_came_leaves_no_question_open() -> None:
    async with an_owner() as owner:
        registry, consent = owner.home.registry, await owner.ask()
        waiting = until_came(registry, ACME, consent.state)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answered(registry, ACME, consent.state, waiting), 0.05)

        assert registry.grants.held(ConsentGrant, ACME, Side.CONSENT) is None


async def test_an_owner_who_says_no_is_told_to_who_asked() -> None:
    async with an_owner() as owner:
        consent = await owner.ask()

        assert await owner.visit(f"error=access_denied&state={consent.state}") == 200

        with pytest.raises(Refused) as denied:
            await until_came(owner.home.registry, ACME, consent.state)
        assert denied.value.code == "consent-denied"


async def test_a_newer_question_ends_the_older_one() -> None:
    async with an_owner() as owner:
        older = await owner.ask()
        newer = await owner.ask()

        with pytest.raises(Misconfigured) as refused:
            await until_came(owner.home.registry, ACME, older.state)

        assert refused.value.code == "asked-anew"
        assert "This was answered before" in await owner.allow(older)
        assert "FreshBooks said yes" in await owner.allow(newer)


async def test_a_code_for_a_question_that_nobody_asked_is_kept_nowhere() -> None:
    async with an_owner() as owner:
        assert await owner.visit("code=forged&state=acme.00.00") == 404
        assert not owner.home.view


async def test_a_question_left_open_too_long_says_to_begin_again() -> None:
    async with an_owner() as owner:
        await owner.ask()
        later = replace(owner.home.registry, clock=lambda: clock() + OPEN_FOR + timedelta(seconds=1))

        with pytest.raises(Misconfigured, match="too long ago") as refused:
            came(later, ACME)

        assert "freshforce connect freshbooks acme" in refused.value.mend


async def test_an_unanswered_question_leaves_no_connection_behind() -> None:
    async with an_owner() as owner:
        await owner.ask()

        assert not owner.home.connections
