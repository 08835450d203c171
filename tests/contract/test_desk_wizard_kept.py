"""What the wizard keeps between two pages: sealed, for any process, and only where it was given to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from app.desk.works import Works
from app.sandbox.freshbooks import consent as consent_desk
from app.sandbox.salesforce.running import running_salesforce
from app.sandbox.serving import listening
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.grant import Side
from streams.domain.identity import AccountId
from tests.builders.desk import Office, an_office
from tests.builders.installation import clock
from tests.builders.vault import ACME
from tests.builders.wizard import allow, name_app, two_businesses

FRESHBOOKS = f"/connections/{ACME}/freshbooks"
SALESFORCE = f"/connections/{ACME}/salesforce"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        await found.browser.get("/connections")
        yield found


async def test_an_account_may_be_chosen_after_the_pages_were_started_anew(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_desk, "users_me", two_businesses)
    await allow(office, await name_app(office))
    office.desk.works = Works(clock)

    asked = await office.browser.get(FRESHBOOKS)
    account = office.installation.sandbox.account_id
    joined = await office.browser.post(f"{FRESHBOOKS}/account", {"account": account})

    assert asked.text.count('type="radio"') == 2
    assert "Open FreshBooks and allow" not in asked.text
    assert f"Connected to account {account}" in joined.text
    assert office.installation.registry.grants.sealed(ACME, Side.CONSENT) is None


async def test_tokens_that_wait_for_a_choice_are_written_down_sealed_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_desk, "users_me", two_businesses)
    await allow(office, await name_app(office))

    sealed = office.installation.registry.grants.sealed(ACME, Side.CONSENT)

    assert sealed is not None
    (live,) = office.installation.sandbox.freshbooks.tokens._refresh
    assert live not in sealed.model_dump_json()
    assert live.encode() not in sealed.ciphertext


async def test_a_connection_follows_another_account_only_once_a_person_says_so(office: Office) -> None:
    office.installation.connections[ACME] = Connection(name=ACME, freshbooks_account_id=AccountId("0ld"))
    refused = await allow(office, await name_app(office))
    named = await name_app(office, client_secret="", other_account="yes")

    joined = await allow(office, named)

    account = office.installation.sandbox.account_id
    assert "other-account" in refused.text
    assert "shall follow another account" in refused.text
    assert f"Connected to account {account}" in joined.text


async def test_a_kept_freshbooks_secret_goes_to_no_other_address_than_it_was_given_for(
    office: Office,
) -> None:
    await name_app(office)
    async with listening(strange([])) as elsewhere:
        seen = await name_app(office, client_secret="", api_url=elsewhere)

    assert (seen.status, "no-secret" in seen.text) == (422, True)
    assert "was given for" in seen.text


async def test_a_kept_salesforce_secret_goes_to_no_other_address_than_it_was_given_for(
    office: Office,
) -> None:
    heard: list[str] = []
    await office.browser.post("/connections", {"name": ACME})
    async with running_salesforce() as org, listening(strange(heard)) as elsewhere:
        typed = {"domain": org.url, "client_id": org.client_id, "client_secret": org.client_secret}
        await office.browser.post(SALESFORCE, typed)
        again = await office.browser.post(SALESFORCE, typed | {"client_secret": ""})
        moved = {"client_secret": "", "domain": elsewhere, "moved": "yes"}
        seen = await office.browser.post(SALESFORCE, typed | moved)

    assert f"Logged in at {org.url}" in again.text
    assert (seen.status, "was given for" in seen.text) == (422, True)
    assert heard == []


async def test_a_kept_salesforce_secret_does_not_follow_a_connection_whose_new_secret_never_came(
    office: Office,
) -> None:
    heard: list[str] = []
    await office.browser.post("/connections", {"name": ACME})
    async with running_salesforce() as org, listening(strange(heard)) as elsewhere:
        typed = {"domain": org.url, "client_id": org.client_id, "client_secret": org.client_secret}
        await office.browser.post(SALESFORCE, typed)
        crashed = office.installation.connection.model_copy(update={"salesforce_domain": elsewhere})
        office.installation.connections[ACME] = crashed
        seen = await office.browser.post(SALESFORCE, typed | {"client_secret": "", "domain": elsewhere})

    assert (seen.status, f"was given for {org.url}" in seen.text) == (422, True)
    assert heard == []


async def test_a_kept_freshbooks_secret_does_not_follow_a_connection_whose_new_secret_never_came(
    office: Office,
) -> None:
    await allow(office, await name_app(office))
    async with listening(strange([])) as elsewhere:
        crashed = office.installation.connection.model_copy(update={"freshbooks_api_url": elsewhere})
        office.installation.connections[ACME] = crashed
        seen = await name_app(office, client_secret="", api_url=elsewhere)

    assert (seen.status, "no-secret" in seen.text) == (422, True)


async def test_what_is_refused_on_the_pages_stands_in_the_audit(office: Office) -> None:
    await name_app(office)
    foreign = "https://x.example/oauth/freshbooks/callback?code=stolen&state=acme.00.ff"

    await office.browser.post(f"{FRESHBOOKS}/code", {"code": foreign})

    (entry,) = [it for it in office.installation.audit if it.verdict is Verdict.SECURITY]
    assert entry.connection == ACME
    assert "another state" in entry.rule
    assert "stolen" not in entry.model_dump_json()


async def test_each_log_in_at_an_org_stands_in_the_audit_refused_ones_too(office: Office) -> None:
    await office.browser.post("/connections", {"name": ACME})
    async with running_salesforce() as org:
        right = {"domain": org.url, "client_id": org.client_id, "client_secret": org.client_secret}
        await office.browser.post(SALESFORCE, right | {"client_secret": "wrong"})
        await office.browser.post(SALESFORCE, right)
    await office.installation.registry.chores.done()

    told = {it.verdict for it in office.installation.audit if it.details.get("side") == "salesforce"}
    assert told == {Verdict.AUTH_FAILED, Verdict.LOGGED_IN, Verdict.GRANTED}
    assert org.client_secret not in "".join(it.model_dump_json() for it in office.installation.audit)


def strange(heard: list[str]) -> web.Application:
    """A host that nobody gave a secret for."""

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.text())
        return web.json_response({})

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", hear)
    return site
