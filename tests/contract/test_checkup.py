"""What `freshforce ping` and the pages show of both sides, against both sandboxes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from yarl import URL

from app.connect.checkup import COPIED, Checkup
from app.connect.consent import ask_consent
from app.salesforce.checkup import Finding
from app.salesforce.wire.transport import QUICK, transport
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from app.vault.grants import SalesforceGrant
from streams.domain.grant import Side, grant_key
from streams.mapping.reading import default_text
from streams.topics import GRANTS
from tests.builders.installation import Installation, clock, connected
from tests.builders.mappings import a_mapping
from tests.builders.vault import ACME

OF_PERSONS = """
[person_account.fields]
LastName = "client.contact_last_name"
PersonEmail = "client.email"
"""
REGION = {"label": "Region", "type": "string", "length": 5, "access": "optional"}


@dataclass
class Both:
    """A connection to both sandboxes, and what a checkup says of it."""

    books: Installation
    org: RunningSalesforce
    checkup: Checkup

    async def found(self) -> dict[str, Finding]:
        return {each.what: each for each in await self.checkup.both(self.books.connection)}

    async def red(self) -> dict[str, Finding]:
        return {what: each for what, each in (await self.found()).items() if not each.well}


@asynccontextmanager
async def joined(profile: str = "prepared", **settings: Any) -> AsyncIterator[Both]:
    async with connected() as books, running_salesforce(profile) as org, transport(QUICK) as send:
        changes = {"salesforce_domain": org.url} | settings
        books.connections[ACME] = books.connection.model_copy(update=changes)
        grant = SalesforceGrant(client_id=org.client_id, client_secret=SecretStr(org.client_secret))
        await books.registry.replace(books.connection, grant, Side.SALESFORCE, "connected")
        yield Both(books, org, Checkup(books.registry, books.session, send, allow_http=True))


async def consented_without(scope: str, books: Installation) -> str:
    """The address after a consent to all scopes but one."""
    consent = ask_consent(books.app, books.sandbox.url, b"n" * 16)
    assert scope in consent.url
    async with books.session.get(
        URL(consent.url.replace(scope, ""), encoded=True), allow_redirects=False
    ) as page:
        return page.headers["Location"]


async def test_a_connection_that_fits_is_green_from_one_end_to_the_other() -> None:
    async with joined() as both:
        found = await both.found()

        assert [each for each in found.values() if not each.well] == []
        assert [*found] == [
            *("FreshBooks token", "FreshBooks identity", "FreshBooks scopes"),
            *("FreshBooks clients", "FreshBooks invoices", "FreshBooks payments"),
            *("FreshBooks webhooks", "FreshBooks clock"),
            *("Salesforce log-in", "Salesforce API version"),
            *("Salesforce Account", "Salesforce Contact", "Salesforce Opportunity", "Salesforce currency"),
            *("Salesforce Order", "Salesforce Invoice"),
            "Salesforce stages",
            *("Salesforce API calls", "Salesforce dry run", "Salesforce clock"),
        ]


async def test_of_a_connection_into_which_a_history_was_copied_freshbooks_is_not_asked() -> None:
    async with joined(copied=True) as both:
        await both.books.registry.erase(GRANTS, grant_key(ACME, Side.FRESHBOOKS))

        found = await both.found()

        assert await both.red() == {}
        assert [it.says for what, it in found.items() if what.startswith("FreshBooks")] == [COPIED.says]


async def test_a_dry_run_leaves_no_row_behind() -> None:
    async with joined() as both:
        found = await both.found()

        assert found["Salesforce dry run"].says == "a new Account would be taken; it was rolled back"
        assert both.org.control.people.rows("Account") == []


async def test_a_dry_run_tells_what_the_org_demands_beyond_our_fields() -> None:
    async with joined() as both:
        both.org.control.profile(
            added={"Account": {"fields": {"Region__c": REGION}}}, required=["Account.Region__c"]
        )

        found = (await both.red())["Salesforce dry run"]

        assert "a new Account would be refused" in found.says
        assert "Region__c" in found.says
        assert "freshforce mapping check acme" in found.mend


async def test_webhooks_that_are_not_registered_are_told_and_no_fault() -> None:
    async with joined() as both:
        found = (await both.found())["FreshBooks webhooks"]

        assert found.well
        assert "every 900 s" in found.says
        assert found.mend == "freshforce webhooks register acme"


async def test_a_callback_that_freshbooks_lost_is_named_with_its_mend() -> None:
    async with joined() as both:
        await both.books.webhooks.register(both.books.url, 10)
        lost = both.books.sandbox.freshbooks.callbacks.all()[0]
        both.books.sandbox.freshbooks.callbacks.remove(lost.id)

        found = (await both.red())["FreshBooks webhooks"]

        assert found.says == f"{lost.event} is missing at FreshBooks"
        assert found.mend == "freshforce webhooks verify acme"


async def test_a_missing_scope_is_named() -> None:
    async with joined() as both:
        await both.books.connect(await consented_without("+user%3Apayments%3Aread", both.books))

        found = await both.red()

        assert [*found] == ["FreshBooks scopes", "FreshBooks payments"]
        assert found["FreshBooks scopes"].says == "missing: user:payments:read"
        assert "user:payments:read" in found["FreshBooks payments"].says
        assert "connect freshbooks" in found["FreshBooks payments"].mend


async def test_a_user_who_lost_the_account_is_told_apart_from_a_dead_token() -> None:
    async with joined(freshbooks_account_id="gone99") as both:
        found = await both.red()

        assert found["FreshBooks identity"].says == (
            f"the user who consented has no part in account gone99 any more; "
            f"it can read {both.books.sandbox.account_id}"
        )


async def test_a_role_that_sees_too_little_is_told_with_its_mend() -> None:
    async with joined() as both:
        await both.books.sandbox.control.switches(membership_role="business_employee")

        found = (await both.found())["FreshBooks identity"]

        assert "FreshBooks shows an employee no clients, invoices and payments" in found.says
        assert found.mend == "as the owner or an admin of the business: freshforce connect freshbooks acme …"


async def test_an_org_that_does_not_speak_our_version_says_which_it_speaks() -> None:
    async with joined(salesforce_api_version="v99.0") as both:
        found = (await both.found())["Salesforce API version"]

        assert not found.well
        assert found.mend.startswith("freshforce connections set acme salesforce_api_version=v")


@pytest.mark.parametrize(
    ("off", "words"), [(timedelta(minutes=5), "ahead of"), (timedelta(hours=-1), "behind")]
)
async def test_a_clock_of_ours_that_is_off_is_told_by_both_vendors(off: timedelta, words: str) -> None:
    async with joined() as both:
        astray = replace(both.books.registry, clock=lambda: clock() + off)
        both.checkup = replace(both.checkup, registry=astray)

        found = await both.found()

        for vendor in ("FreshBooks", "Salesforce"):
            assert not found[f"{vendor} clock"].well
            assert words in found[f"{vendor} clock"].says


async def test_one_side_s_failure_does_not_hide_the_other_s() -> None:
    async with joined() as both:
        await both.books.sandbox.control.revoke_consent()
        await both.books.sandbox.control.expire_tokens()

        found = await both.found()

        assert not found["FreshBooks token"].well
        assert found["Salesforce dry run"].well


async def test_a_grant_that_freshbooks_renews_no_more_is_said_to_need_consent_at_once() -> None:
    async with connected() as books, transport(QUICK) as send:
        await books.sandbox.control.revoke_consent()
        checkup = Checkup(books.registry, books.session, send, allow_http=True)

        async with asyncio.timeout(5):
            [found] = await checkup.freshbooks(books.connection)

        assert "needs its owner's consent" in found.says
        assert found.mend.startswith("freshforce connect freshbooks acme …")


async def test_a_field_that_the_mapping_writes_and_the_org_hides_is_red_though_it_is_none_of_ours() -> None:
    mapping = a_mapping(account='Region__c = "client.billing_country"')
    async with joined(mapping=mapping) as both:
        both.org.control.profile(hidden={"Account.Fax"})

        red = (await both.red())["Salesforce Account"]

    assert red.says == "absent, hidden or read-only, so left out: Region__c, Fax"
    assert red.mend == (
        "freshforce setup salesforce acme, then make Region__c and let the run-as user edit it "
        "(a set-up knows only ours), or leave it out; see freshforce mapping check acme"
    )


async def test_what_only_a_person_or_a_new_row_gets_is_red_too_where_the_org_hides_it() -> None:
    only_new = '\n[account.create]\nIndustry = { literal = "Shipping" }\n'
    async with joined("person-accounts", mapping=default_text() + only_new + OF_PERSONS) as both:
        assert (await both.found())["Salesforce Account"].well
        both.org.control.profile(hidden={"Account.Industry", "Account.PersonEmail"})

        red = (await both.red())["Salesforce Account"]

    assert red.says == "absent, hidden or read-only, so left out: Industry, PersonEmail"


async def test_what_only_a_person_gets_is_no_lack_of_an_org_without_person_accounts() -> None:
    async with joined(mapping=default_text() + OF_PERSONS) as both:
        found = await both.found()

    assert found["Salesforce Account"].well
    assert not found["Salesforce person accounts"].well


async def test_an_account_that_cannot_be_referred_to_is_red() -> None:
    async with joined() as both:
        both.org.control.profile(hidden={"Opportunity.AccountId"})

        red = (await both.red())["Salesforce Opportunity"]

    assert red.says == "absent, hidden or read-only, so left out: Account"


async def test_our_share_of_the_calls_left_is_told() -> None:
    async with joined(api_share=0.1) as both:
        assert "left of our share (10%)" in (await both.found())["Salesforce API calls"].says


@pytest.mark.parametrize(
    ("used", "goes_on"), [(4_200, "payments, closed deals and balances"), (5_000, "nothing until the window")]
)
async def test_a_share_that_runs_out_is_red_and_says_what_waits_and_how_to_get_more(
    used: int, goes_on: str
) -> None:
    async with joined(api_share=0.05) as both:
        both.org.control.limit(used=used)

        (found,) = (await both.red()).values()

        assert found.what == "Salesforce API calls"
        assert f"what goes on: {goes_on}" in found.says
        assert "api_share" in found.mend
