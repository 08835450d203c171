"""A code works once, and tokens are joined once: whatever pages and commands are open at the same time."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.connect import asking
from app.connect.asking import Taken, begin, claim, take, until_came
from app.connect.removing import Removal
from app.desk.wizard import freshbooks as step
from app.desk.works import Works
from app.ingress.consents import answered
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks import consent as consent_desk
from app.vault.grants import ConsentGrant, FreshBooksGrant
from streams.domain.audit import Verdict
from streams.domain.errors import Unreachable
from streams.domain.grant import Side
from tests.builders.desk import Office, Seen, an_office
from tests.builders.installation import clock
from tests.builders.vault import ACME
from tests.builders.wizard import allow, consent, name_app, settled, two_businesses

KAFKA = "Kafka"
FRESHBOOKS = f"/connections/{ACME}/freshbooks"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        await found.browser.get("/connections")
        yield found


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_desk, "users_me", two_businesses)


@pytest.fixture
def unended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka is away whenever a question is to be forgotten."""

    async def away(*_: object) -> None:
        raise Unreachable(KAFKA, "away")

    monkeypatch.setattr(asking, "end", away)


def question(office: Office) -> ConsentGrant:
    held = office.installation.registry.grants.held(ConsentGrant, ACME, Side.CONSENT)
    assert held is not None
    return held.grant


def grant(office: Office) -> tuple[FreshBooksGrant, int]:
    held = office.installation.registry.grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
    assert held is not None
    return held.grant, held.generation


async def chosen(office: Office) -> Seen:
    return await office.browser.post(
        f"{FRESHBOOKS}/account", {"account": office.installation.sandbox.account_id}
    )


async def the_code_comes(office: Office, page: Seen) -> None:
    """Let the ingress keep the code."""
    registry, address = office.installation.registry, await consent(page)
    sealed = registry.grants.sealed(ACME, Side.CONSENT)
    assert sealed is not None
    after = answered(question(office), address.query)
    kept = registry.grants.sealer.seal(after, ACME, sealed.generation + 1, clock())
    await registry.write(kept.model_copy(update={"follows": sealed.mark}))


@pytest.mark.usefixtures("two", "unended")
async def test_a_choice_that_is_made_twice_does_not_put_a_spent_token_over_its_successor(
    office: Office,
) -> None:
    await allow(office, await name_app(office))
    await chosen(office)
    await office.installation.tokens.renew(ACME, 1)
    before = grant(office)

    again = await chosen(office)

    assert grant(office) == before
    assert "Connected to account" in again.text
    assert (await office.installation.tokens.renew(ACME, 2)).generation == 3


@pytest.mark.usefixtures("two")
async def test_a_choice_that_comes_after_a_newer_consent_leaves_that_in_use_and_revokes_its_own_tokens(
    office: Office,
) -> None:
    await allow(office, await name_app(office))
    unchosen = question(office).unchosen
    assert unchosen is not None
    await office.installation.connect(choose=lambda found: found[0])
    before = grant(office)

    seen = await chosen(office)

    assert grant(office) == before
    assert "Connected to account" in seen.text
    assert office.installation.registry.grants.sealed(ACME, Side.CONSENT) is None
    assert not office.installation.sandbox.freshbooks.tokens.takes(unchosen.refresh_token.get_secret_value())
    assert (await office.installation.tokens.renew(ACME, 1)).generation == 2


async def test_the_page_says_that_the_tokens_of_a_consent_for_another_account_were_revoked(
    office: Office,
) -> None:
    page = await name_app(office)
    home = office.installation
    home.connections[ACME] = home.connection.model_copy(update={"freshbooks_account_id": "other1"})

    seen = await allow(office, page)

    assert "other-account" in seen.text
    assert "tokens of a consent that came to nothing were revoked" in seen.text
    assert not home.sandbox.freshbooks.tokens._refresh


@pytest.mark.usefixtures("unended")
async def test_what_is_joined_is_not_said_to_have_failed_because_its_question_could_not_be_forgotten(
    office: Office,
) -> None:
    seen = await allow(office, await name_app(office))

    assert "Connected to account" in seen.text
    assert "Mend:" not in seen.text
    assert office.installation.verdicts()[-1] == "granted"


async def test_of_two_pages_that_see_the_code_one_trades_it_and_the_other_hears_no_refusal(
    office: Office,
) -> None:
    await the_code_comes(office, await name_app(office))
    asked = asking.came(office.installation.registry, ACME)
    assert asked.answer is not None
    other = Works(clock)

    step._trade(office.desk, asked, asked.answer)
    mine, office.desk.works = office.desk.works, other
    step._trade(office.desk, asked, asked.answer)
    office.desk.works = mine
    seen = await settled(office, FRESHBOOKS)

    work = other.get((ACME, step.WHAT))
    assert (work is not None, work and work.error) == (True, None)
    assert "Connected to account" in seen.text
    assert office.installation.verdicts() == ["configured", "granted"]


async def test_while_another_page_fetches_the_tokens_this_one_waits_and_later_says_that_they_never_came(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await the_code_comes(office, await name_app(office))
    assert await take(office.installation.registry, ACME, question(office).state.get_secret_value())

    waits = await office.browser.get(FRESHBOOKS)
    monkeypatch.setattr(step, "_TRADED_WITHIN", step._TRADED_WITHIN * 0)
    late = await office.browser.get(FRESHBOOKS)

    assert "another page or command fetches the tokens" in waits.text
    assert "Open FreshBooks and allow" not in waits.text
    assert "its tokens never did" in late.text


async def test_a_command_that_waits_is_told_when_a_page_goes_on_with_its_consent(office: Office) -> None:
    page = await name_app(office)
    registry, state = office.installation.registry, question(office).state.get_secret_value()
    waiting = asyncio.create_task(until_came(registry, ACME, state))
    await the_code_comes(office, page)

    assert await take(registry, ACME, state)
    assert not await take(registry, ACME, state)

    with pytest.raises(Taken, match="goes on with the consent"):
        await until_came(registry, ACME, state)
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_command_that_is_given_the_address_of_a_page_s_consent_takes_it_and_the_page_trades_nothing(
    office: Office,
) -> None:
    await name_app(office)
    registry, state = office.installation.registry, question(office).state.get_secret_value()

    await claim(registry, ACME, state)
    waits = await office.browser.get(FRESHBOOKS)

    assert "another page or command fetches the tokens" in waits.text
    with pytest.raises(Taken):
        await claim(registry, ACME, state)


async def test_a_code_that_answers_no_question_of_ours_is_nobody_else_s_to_take(office: Office) -> None:
    await name_app(office)
    registry, before = office.installation.registry, question(office)

    for state in ("", f"{ACME}.00.ff"):
        await claim(registry, ACME, state)
        await asking.ended(registry, ACME, state)

    assert question(office) == before


@pytest.mark.usefixtures("two")
async def test_tokens_that_nobody_chose_for_are_revoked_when_consent_is_asked_anew(office: Office) -> None:
    await allow(office, await name_app(office))
    unchosen = question(office).unchosen
    assert unchosen is not None

    await name_app(office)

    tokens = office.installation.sandbox.freshbooks.tokens
    assert tokens.scopes_of(unchosen.access_token.get_secret_value()) is None
    assert not tokens._refresh
    assert "waited for a choice of account were revoked" in office.installation.audit[-1].rule


@pytest.mark.usefixtures("two")
async def test_tokens_that_could_not_be_revoked_are_told_of_and_stop_nobody(office: Office) -> None:
    await allow(office, await name_app(office))
    down = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/revoke")
    await office.installation.sandbox.control.faults(Faults(rules=(down,)))

    seen = await name_app(office)

    assert "Open FreshBooks and allow" in seen.text
    assert "could not be revoked" in office.installation.audit[-1].rule


@pytest.mark.usefixtures("two", "unended")
async def test_tokens_that_are_in_use_are_not_revoked_with_the_question_that_brought_them(
    office: Office,
) -> None:
    await allow(office, await name_app(office))
    await chosen(office)

    await name_app(office)

    token = (await office.installation.tokens.freshbooks(ACME)).secret
    assert office.installation.sandbox.freshbooks.tokens.scopes_of(token) is not None


@pytest.mark.usefixtures("two")
async def test_removing_a_connection_revokes_the_tokens_that_waited_for_a_choice(office: Office) -> None:
    await allow(office, await name_app(office))
    home = office.installation
    removal = Removal(home.registry, home.session, home.connection, allow_http=True)

    found = {each.what: each async for each in removal.carry_out()}

    assert found["FreshBooks access"].says == "tokens that waited for a choice are revoked"
    assert not home.sandbox.freshbooks.tokens._refresh
    assert not home.view


@pytest.mark.usefixtures("two")
async def test_a_choice_that_is_refused_stands_in_the_audit(office: Office) -> None:
    await allow(office, await name_app(office))

    await office.browser.post(f"{FRESHBOOKS}/account", {"account": "zzz"})

    assert office.installation.audit[-1].verdict is Verdict.AUTH_FAILED
    assert "no FreshBooks account zzz" in office.installation.audit[-1].rule


async def test_no_answer_is_told_in_the_audit_as_that_and_not_as_a_refusal(office: Office) -> None:
    down = Rule(kind=FaultKind.ANSWER, status=503, method="POST", path="*/oauth/token")
    page = await name_app(office)
    await office.installation.sandbox.control.faults(Faults(rules=(down,)))

    seen = await allow(office, page)

    assert "Open FreshBooks and allow" in seen.text
    assert "auth-failed" not in office.installation.verdicts()
    assert office.installation.audit[-1].rule.startswith("FreshBooks was not connected: ")


async def test_a_question_of_somebody_else_survives_a_code_that_came_to_nothing(office: Office) -> None:
    await name_app(office)
    registry = office.installation.registry
    old = asking.came(registry, ACME)
    newer = await begin(registry, office.installation.session, old.connection, old.app)

    await asking.begin_again(registry, old)

    assert asking.came(registry, ACME).state == newer.state
