"""An org's allowance and its fields, over HTTP: kept, said, and mended without a lost row."""

import asyncio
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Figure, SObject
from streams.domain.identity import SalesforceId
from streams.ports import Applied, Rejected
from tests.builders.salesforce import ACME, KEYS, a_command, a_connection, an_account, an_opportunity
from tests.builders.salesforce_org import joined_org

KEY = KEYS[SObject.ACCOUNT]


async def test_at_our_share_the_org_is_called_no_more_until_an_admin_gives_more() -> None:
    async with joined_org(api_share=0.5) as here:
        here.org.control.limit(daily=1000, used=600)
        with capture_logs() as logs:
            assert isinstance(await here.lanes.write(an_account(1)), Applied)
            later = asyncio.ensure_future(here.lanes.write(an_account(2)))
            await asyncio.sleep(0.3)
            assert not later.done()
            here.settings[ACME] = a_connection(salesforce_domain=here.org.url, api_share=0.9)
            async with asyncio.timeout(10):
                assert isinstance(await later, Applied)

    events = [entry["event"] for entry in logs if entry["event"].startswith("salesforce-share")]
    assert events == ["salesforce-share-used", "salesforce-share-free"]


async def test_an_org_that_counts_our_app_apart_leaves_us_our_own_share() -> None:
    async with joined_org(api_share=0.5) as here:
        here.org.control.limit(daily=1000, used=600, of_app=400)

        for client in range(1, 6):
            async with asyncio.timeout(5):
                assert isinstance(await here.lanes.write(an_account(client)), Applied)


async def test_a_concurrent_limit_is_a_short_back_off() -> None:
    busy = Rule(
        kind=FaultKind.ANSWER, status=503, code="REQUEST_LIMIT_EXCEEDED", next=1, path="*/composite/*"
    )
    async with joined_org() as here:
        here.org.control.faults(Faults(rules=(busy,)))
        began = asyncio.get_running_loop().time()
        with capture_logs() as logs:
            rest = asyncio.ensure_future(here.lanes.write(an_account(1)))
            await asyncio.sleep(0.3)
            rest.cancel()

    (said,) = (entry for entry in logs if entry["event"] == "salesforce-rests")
    assert said["code"] == "REQUEST_LIMIT_EXCEEDED"
    assert asyncio.get_running_loop().time() - began < 5


async def test_a_choice_and_an_amount_that_the_org_has_no_room_for_cost_no_call() -> None:
    strict = Profile.named("prepared").with_(restricted=frozenset({"Opportunity.StageName"}))
    async with joined_org(strict) as here:
        await here.lanes.write(an_account(1))
        fitting = an_opportunity(10, 1)
        assert isinstance(await here.lanes.write(fitting), Applied)
        here.org.control.reset_counters()

        stage = fitting.model_copy(update={"version": 2, "fields": fitting.fields | {"StageName": "Nowhere"}})
        amount = an_opportunity(11, 1, "1" + "0" * 16)
        answers = await asyncio.gather(*(here.lanes.write(row) for row in (stage, amount)))

        assert [answer.code for answer in answers if isinstance(answer, Rejected)] == [
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "NUMBER_OUTSIDE_VALID_RANGE",
        ]
        assert here.calls() == 0


async def test_values_of_another_type_than_the_field_cost_no_call_and_name_it() -> None:
    own = {"label": "Own", "type": "double", "precision": 18, "scale": 2, "access": "optional"}
    async with joined_org(
        Profile.named("prepared").with_(added={"Account": {"fields": {"Own__c": own}}})
    ) as here:
        await here.lanes.write(an_account(1))
        here.org.control.reset_counters()

        rows = [an_account(n, version=2) for n in range(1, 51)]
        wrong = [it.model_copy(update={"fields": it.fields | {"Own__c": "abc"}}) for it in rows]
        answers = await asyncio.gather(*map(here.lanes.write, wrong))

        assert {answer.fields for answer in answers if isinstance(answer, Rejected)} == {("Own__c",)}
        assert here.calls() == 0


async def test_an_inactive_currency_is_refused_with_its_field() -> None:
    async with joined_org("multi-currency") as here:
        answer = await here.lanes.write(a_command(fields={"Name": "x", "CurrencyIsoCode": "XXX"}))

        assert isinstance(answer, Rejected)
        assert answer.fields == ("CurrencyIsoCode",)


@pytest.mark.parametrize("amount", ["99999999999999.99", "-0.01", "0"])
async def test_an_amount_that_fits_by_describe_is_taken_by_the_org(amount: str) -> None:
    async with joined_org() as here:
        await here.lanes.write(an_account(1))
        row = an_opportunity(10, 1)
        fields = row.fields | {"Amount": Figure(figure=Decimal(amount))}

        assert isinstance(await here.lanes.write(row.model_copy(update={"fields": fields})), Applied)


async def test_one_record_is_linked_by_its_id_and_then_found_by_its_external_id() -> None:
    async with joined_org() as here:
        (there,) = here.org.control.people.insert("Account", {"Name": "Maple & Sons"})

        reply = await here.lanes.client(ACME).update(
            "Account", SalesforceId(there), b'{"%s":"ACC1:1"}' % KEY.encode()
        )
        answer = await here.lanes.write(an_account(1))

        assert reply.ok
        assert answer == Applied(SalesforceId(there), created=False)


async def test_candidates_are_found_by_any_number_of_names() -> None:
    async with joined_org() as here:
        names = [f"O'Hara & Sons, No. {number} of a street with a long name" for number in range(400)]
        here.org.control.people.insert("Account", *({"Name": name} for name in names))

        client = here.lanes.client(ACME)
        found = [
            row["Name"] async for row in client.query_in("SELECT Name FROM Account WHERE Name IN", names)
        ]

        assert sorted(found) == sorted(names)
