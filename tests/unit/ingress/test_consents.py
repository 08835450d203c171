"""The owner's browser comes back from FreshBooks: what the public door keeps, and what it shows."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from app.freshbooks.state import marked
from app.ingress.clocks import Clocks
from app.ingress.consents import OPEN_FOR, PATH, Consents
from app.vault.access import Grants
from app.vault.grants import ConsentGrant
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.grant import Sealed, Side
from streams.domain.identity import ConnectionName
from tests.builders.vault import a_freshbooks_grant, a_sealer
from tests.builders.webhooks import NOW, House, a_house, http, status_of
from tests.fakes.grants_view import GrantsView

ACME = ConnectionName("acme")
STATE = f"acme.{'6e' * 16}.{'0f' * 16}"
SEALER = a_sealer()


def asked(**changes: object) -> ConsentGrant:
    fields: dict[str, object] = {
        "client_id": "1a2b",
        "client_secret": "canary-secret",
        "redirect_uri": f"https://hooks.example.com{PATH}",
        "api_url": "https://api.freshbooks.com",
        "auth_url": "https://auth.freshbooks.com",
        "state": STATE,
        "asked_at": NOW,
    }
    return ConsentGrant.model_validate(fields | changes)


def a_view(grant: ConsentGrant) -> GrantsView:
    return GrantsView(SEALER.seal(grant, ACME, 1, NOW))


def open_consents(house: House, view: GrantsView | None) -> None:
    consents = Consents(house.keep, Clocks(lambda: NOW, lambda: house.seconds))
    consents.grants = None if view is None else Grants(view, SEALER)
    house.reception.consents = consents


def kept(house: House) -> ConsentGrant:
    (sealed,) = (each for each in house.keep.kept if isinstance(each, Sealed))
    assert (sealed.connection, sealed.side, sealed.generation) == (ACME, Side.CONSENT, 2)
    return SEALER.open(ConsentGrant, sealed)


def audited(house: House) -> list[AuditEntry]:
    return [each for each in house.keep.kept if isinstance(each, AuditEntry)]


def browser(**query: str) -> bytes:
    return http("", path=f"{PATH}?{urlencode(query)}", method="GET", Content_Type=None, Content_Length=None)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as house:
        open_consents(house, a_view(asked()))
        yield house


async def test_the_code_is_kept_sealed_and_the_page_says_what_is_next(house: House) -> None:
    answer = await house.say(browser(code="c0de", state=STATE))

    assert status_of(answer) == 200
    assert b"go back to where you began" in answer
    assert kept(house).code == SecretStr("c0de")
    assert b"c0de" not in answer + repr(house.keep.kept).encode()


async def test_the_page_goes_into_no_cache_no_frame_and_to_no_other_site(house: House) -> None:
    answer = await house.say(browser(code="c0de", state=STATE))

    for line in (b"Cache-Control: no-store", b"Referrer-Policy: no-referrer", b"frame-ancestors 'none'"):
        assert line in answer


async def test_a_denied_consent_is_told_to_who_asked(house: House) -> None:
    answer = await house.say(browser(error="access_denied", state=STATE))

    assert b"FreshBooks said no" in answer
    assert kept(house).denied
    assert [each.rule for each in audited(house)] == ["the owner said no at FreshBooks"]


@pytest.mark.parametrize(
    "state", ["", "acme", "acme.", STATE[:-1], STATE + "0", STATE.replace("acme", "nobody"), "\N{SNOWMAN}"]
)
async def test_a_state_that_was_not_given_out_changes_nothing(house: House, state: str) -> None:
    answer = await house.say(browser(code="forged", state=state))

    assert status_of(answer) == 404
    (entry,) = house.keep.kept
    assert isinstance(entry, AuditEntry)
    assert (entry.connection, entry.verdict) == ("", Verdict.SECURITY)
    assert "forged" not in entry.model_dump_json()


async def test_a_page_that_is_loaded_again_after_all_went_well_is_no_security_event(house: House) -> None:
    open_consents(house, GrantsView(SEALER.seal(a_freshbooks_grant(), ACME, 1, NOW)))
    state = marked(a_freshbooks_grant().client_secret, f"acme.{'6e' * 16}")

    answer = await house.say(browser(code="c0de", state=state))

    assert status_of(answer) == 410
    assert b"This was answered before" in answer
    (entry,) = audited(house)
    assert (entry.connection, entry.verdict) == (ACME, Verdict.IGNORED)


@pytest.mark.parametrize("state", ["acme.0f", f"acme.{'6e' * 16}.{'0f' * 16}", "nobody.0f.0f"])
async def test_a_forged_state_stays_a_security_event_when_all_went_well(house: House, state: str) -> None:
    open_consents(house, GrantsView(SEALER.seal(a_freshbooks_grant(), ACME, 1, NOW)))

    assert await house.status(browser(code="c0de", state=state)) == 404
    (entry,) = audited(house)
    assert (entry.connection, entry.verdict) == ("", Verdict.SECURITY)


async def test_an_answer_to_an_older_question_is_no_security_event(house: House) -> None:
    older = marked(asked().client_secret, f"acme.{'6f' * 16}")

    assert await house.status(browser(code="c0de", state=older)) == 410
    assert [each.verdict for each in audited(house)] == [Verdict.IGNORED]


async def test_an_answer_that_is_quicker_than_our_reading_of_the_question_is_taken(house: House) -> None:
    view = GrantsView()
    view.held_back = [SEALER.seal(asked(), ACME, 1, NOW)]
    open_consents(house, view)

    assert await house.status(browser(code="c0de", state=STATE)) == 200
    assert kept(house).code == SecretStr("c0de")


@pytest.mark.parametrize("code", ["", "c" * 513, "two\r\nlines", "é"])
async def test_what_is_no_code_changes_nothing(house: House, code: str) -> None:
    assert await house.status(browser(code=code, state=STATE)) == 404
    assert [type(each) for each in house.keep.kept] == [AuditEntry]


async def test_a_question_is_open_for_an_hour(house: House) -> None:
    open_consents(house, a_view(asked(asked_at=NOW - OPEN_FOR)))

    assert await house.status(browser(code="c0de", state=STATE)) == 404
    (entry,) = house.keep.kept
    assert isinstance(entry, AuditEntry)
    assert (entry.connection, entry.rule) == (ACME, "a consent came back after more than an hour")

    open_consents(house, a_view(asked(asked_at=NOW - OPEN_FOR + timedelta(seconds=1))))

    assert await house.status(browser(code="c0de", state=STATE)) == 200


async def test_the_first_code_stays_whatever_comes_after_it(house: House) -> None:
    open_consents(house, a_view(asked(code="first")))

    assert await house.status(browser(code="second", state=STATE)) == 200
    assert not house.keep.kept


async def test_while_kafka_is_away_the_page_says_to_reload(house: House) -> None:
    house.keep.away = True

    answer = await house.say(browser(code="c0de", state=STATE))

    assert status_of(answer) == 503
    assert b"Reload this page" in answer


async def test_before_all_grants_are_known_the_page_says_to_reload(house: House) -> None:
    open_consents(house, None)

    assert await house.status(browser(code="c0de", state=STATE)) == 503


async def test_a_crowd_is_asked_to_come_back(house: House) -> None:
    answers = [await house.status(browser(code="x", state=os.urandom(4).hex())) for _ in range(25)]

    assert answers.count(429) == 5
    assert len(audited(house)) == 5
    house.reception.say_unsaid()
    assert [it.details for it in audited(house)[5:]] == [{"further_refusals": 15}, {"further_refusals": 5}]


async def test_only_a_browser_s_get_is_answered_so() -> None:
    async with a_house() as house:
        open_consents(house, a_view(asked()))

        assert await house.status(http("", path=PATH, method="POST")) == 404
        assert await house.status(http("", path=PATH, method="PUT")) == 405
        assert await house.status(http("", path="/oauth/else", method="GET")) == 405
