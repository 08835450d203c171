"""The wizard over HTTP, without scripts: what it takes, what it says, what it never shows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.sandbox.freshbooks import consent as consent_desk
from app.sandbox.salesforce.running import running_salesforce
from streams.domain.audit import Step
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from tests.builders.desk import Office, an_office
from tests.builders.vault import ACME
from tests.builders.wizard import allow, consent, name_app, settled, two_businesses


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with an_office(tmp_path) as found:
        yield found


async def test_an_empty_installation_leads_to_its_first_connection(office: Office) -> None:
    first = await office.browser.get("/connections")
    begun = await office.browser.post("/connections", {"name": ACME})

    assert "Make your first connection" in first.text
    assert begun.status == 200
    assert f"Connect {ACME}" in begun.text
    assert office.installation.connections[ACME] == Connection(name=ACME)


async def test_a_name_that_cannot_be_one_is_refused_with_its_mend_and_shown_escaped(office: Office) -> None:
    await office.browser.get("/connections")

    seen = await office.browser.post("/connections", {"name": '"><script>alert(1)</script>'})

    assert seen.status == 422
    assert "<script>alert" not in seen.text
    assert "&lt;script&gt;alert(1)" in seen.text
    assert "bad-name" in seen.text


async def test_consent_comes_back_by_the_ingress_and_joins_the_only_account(office: Office) -> None:
    await office.browser.get("/connections")
    named = await name_app(office)

    joined = await allow(office, named)

    account = office.installation.sandbox.account_id
    assert f"Connected to account {account}" in joined.text
    assert office.installation.connection.freshbooks_account_id == account
    assert office.installation.sandbox.client_secret not in named.text + joined.text


async def test_a_role_that_sees_too_little_is_warned_of_on_the_page_for_as_long_as_it_is_connected(
    office: Office,
) -> None:
    await office.installation.sandbox.control.switches(membership_role="business_accountant")
    await office.browser.get("/connections")

    joined = await allow(office, await name_app(office))
    again = await office.browser.get(f"/connections/{ACME}/freshbooks")

    for seen in (joined, again):
        assert "FreshBooks role: FreshBooks shows an accountant no clients" in seen.text
        assert "as the owner or an admin of the business" in seen.text


async def test_the_page_that_waits_for_the_consent_is_told_to_load_again_once_it_came(office: Office) -> None:
    await office.browser.get("/connections")
    named = await name_app(office)
    asking = {"HX-Request": "true", "HX-Target": "awaited"}

    waiting = await office.browser.get(f"/connections/{ACME}/freshbooks", **asking)
    await allow(office, named)
    over = await office.browser.get(f"/connections/{ACME}/freshbooks", **asking)

    assert "HX-Refresh" not in waiting.headers
    assert over.headers["HX-Refresh"] == "true"


async def test_consent_may_be_pasted_and_taken_up_again_at_any_time(office: Office) -> None:
    await office.browser.get("/connections")
    await name_app(office)
    later = await office.browser.get(f"/connections/{ACME}")
    pasted = {"code": str(await consent(later))}

    await office.browser.post(f"/connections/{ACME}/freshbooks/code", pasted)
    seen = await settled(office, f"/connections/{ACME}/freshbooks")

    assert "Connected to account" in seen.text


async def test_a_code_that_is_spent_is_told_with_its_mend_and_consent_is_asked_anew(office: Office) -> None:
    await office.browser.get("/connections")
    await name_app(office)

    await office.browser.post(f"/connections/{ACME}/freshbooks/code", {"code": "spent"})
    seen = await settled(office, f"/connections/{ACME}/freshbooks")

    assert "Mend:" in seen.text
    assert "Open FreshBooks and allow" in seen.text
    assert office.installation.sandbox.client_id in seen.text


async def test_an_address_of_another_consent_is_refused(office: Office) -> None:
    await office.browser.get("/connections")
    await name_app(office)
    foreign = {"code": "https://x.example/oauth/freshbooks/callback?code=stolen&state=acme.00.ff"}

    seen = await office.browser.post(f"/connections/{ACME}/freshbooks/code", foreign)

    assert (seen.status, "foreign-state" in seen.text) == (422, True)


async def test_where_the_user_has_several_accounts_a_person_chooses(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent_desk, "users_me", two_businesses)
    await office.browser.get("/connections")
    named = await name_app(office)

    asked = await allow(office, named)
    foreign = await office.browser.post(f"/connections/{ACME}/freshbooks/account", {"account": "zzz"})
    account = office.installation.sandbox.account_id
    joined = await office.browser.post(f"/connections/{ACME}/freshbooks/account", {"account": account})
    clicked_twice = await office.browser.post(f"/connections/{ACME}/freshbooks/account", {"account": account})

    assert (clicked_twice.status, office.installation.verdicts()[-1]) == (200, "granted")
    assert "Other &amp; &lt;Sons&gt;" in asked.text
    assert asked.text.count('type="radio"') == 2
    assert (foreign.status, "no-account" in foreign.text) == (422, True)
    assert f"Connected to account {account}" in joined.text


async def test_a_secret_may_be_left_out_once_it_is_known_and_only_for_the_same_app(office: Office) -> None:
    await office.browser.get("/connections")
    await name_app(office)

    same = await name_app(office, client_secret="")
    other = await name_app(office, client_secret="", client_id="another")

    assert same.status == 200
    assert (other.status, "no-secret" in other.text) == (422, True)


async def test_a_fresh_org_is_logged_in_to_looked_at_set_up_and_checked(office: Office) -> None:
    await office.browser.get("/connections")
    named = await name_app(office)
    await allow(office, named)
    async with running_salesforce("bare") as org:
        wrong = {"domain": org.url, "client_id": org.client_id, "client_secret": "wrong"}
        refused = await office.browser.post(f"/connections/{ACME}/salesforce", wrong)
        right = wrong | {"client_secret": org.client_secret}
        joined = await office.browser.post(f"/connections/{ACME}/salesforce", right)
        plan = await settled(office, f"/connections/{ACME}/fields")
        await office.browser.post(f"/connections/{ACME}/fields", {"do": "apply"})
        done = await settled(office, f"/connections/{ACME}/fields")
        await office.browser.post(f"/connections/{ACME}/webhooks")
        shaken = await settled(office, f"/connections/{ACME}/webhooks")
        checked = await settled(office, f"/connections/{ACME}/check")

    assert (refused.status, "Mend:" in refused.text) == (422, True)
    assert f"Logged in at {org.url}" in joined.text
    assert "Add what is missing" in plan.text
    assert "Next: webhooks" in done.text
    assert shaken.text.count("verified by FreshBooks") == 3
    assert "All is well" in checked.text
    assert org.client_secret not in refused.text + joined.text + plan.text + done.text + checked.text
    assert {each.step for each in office.installation.audit} == {Step.DESK, Step.KEEP_GRANTS}


async def test_without_an_org_the_fields_wait_and_the_check_says_what_is_missing(office: Office) -> None:
    await office.browser.get("/connections")
    await office.browser.post("/connections", {"name": ACME})

    fields = await office.browser.get(f"/connections/{ACME}/fields")
    checked = await settled(office, f"/connections/{ACME}/check")

    assert "Connect Salesforce first" in fields.text
    assert "Something needs you." in checked.text
    assert f"{ACME} has no FreshBooks account" in checked.text


async def test_the_source_for_admins_is_the_same_archive_every_time(office: Office) -> None:
    await office.browser.get("/connections")
    await office.browser.post("/connections", {"name": ACME})

    first = await office.browser.get(f"/connections/{ACME}/fields/source.zip")
    second = await office.browser.get(f"/connections/{ACME}/fields/source.zip")

    assert first.headers["Content-Type"] == "application/zip"
    assert first.text == second.text


async def test_pausing_keeps_events_and_is_undone_by_resuming(office: Office) -> None:
    office.installation.connections[ACME] = Connection(name=ACME)
    await office.browser.get("/connections")

    paused = await office.browser.post(f"/connections/{ACME}/paused", {"paused": "yes"})
    resumed = await office.browser.post(f"/connections/{ACME}/paused", {"paused": "no"})

    assert "‖" in paused.text
    assert "‖" not in resumed.text


async def test_a_connection_that_is_none_is_no_page(office: Office) -> None:
    office.installation.connections[ConnectionName("acme")] = Connection(name=ACME)

    seen = await office.browser.get("/connections/nobody/webhooks")

    assert (seen.status, "no-connection" in seen.text) == (404, True)
