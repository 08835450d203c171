"""The Salesforce side on a real org. Needs FRESHFORCE_LIVE_SALESFORCE_{DOMAIN,CLIENT_ID,CLIENT_SECRET}.

It writes one Account, "Freshforce live test", and writes it again; delete it when you like.
"""

import os
from dataclasses import dataclass

import pytest

from app.salesforce.lanes import salesforce_rows
from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from streams.domain.identity import ConnectionName
from streams.ports import Applied
from tests.builders.salesforce import ACME, a_connection, an_account

pytestmark = pytest.mark.live


def given(name: str) -> str:
    value = os.environ.get(f"FRESHFORCE_LIVE_SALESFORCE_{name}", "")
    if not value:
        pytest.skip(f"FRESHFORCE_LIVE_SALESFORCE_{name} is not set")
    return value


@dataclass(frozen=True)
class FromTheEnvironment:
    client_id: str
    client_secret: str

    async def salesforce(self, _: ConnectionName) -> tuple[str, str]:
        return self.client_id, self.client_secret


async def test_a_plan_of_the_set_up_can_be_made() -> None:
    domain = given("DOMAIN")
    credentials = FromTheEnvironment(given("CLIENT_ID"), given("CLIENT_SECRET"))
    settings = {ACME: a_connection(salesforce_domain=domain)}

    async with salesforce_rows(settings, credentials, allow_http=domain.startswith("http:")) as lanes:
        found = await look(lanes.client(ACME))

    items = plan(found, ACME)
    assert found.user.startswith("005")
    assert {item.what for item in items} >= {field.full_name for field in DECLARED}


async def test_an_account_written_twice_is_one_row() -> None:
    domain = given("DOMAIN")
    credentials = FromTheEnvironment(given("CLIENT_ID"), given("CLIENT_SECRET"))
    settings = {ACME: a_connection(salesforce_domain=domain)}

    async with salesforce_rows(settings, credentials, allow_http=domain.startswith("http:")) as lanes:
        first = await lanes.write(an_account(1, "Freshforce live test"))
        second = await lanes.write(an_account(1, "Freshforce live test, again", version=2))

    assert isinstance(first, Applied)
    assert isinstance(second, Applied)
    assert first.salesforce_id == second.salesforce_id
