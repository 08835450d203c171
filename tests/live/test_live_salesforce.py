"""The set-up on a real org; what is written there: `tests/contract/test_salesforce_rows.py -m live`."""

from decimal import Decimal

import pytest

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from streams.domain.command import Command, Figure
from streams.ports import Applied, Rejected
from tests.builders.itemised import an_item, the_lines
from tests.builders.salesforce import ACME, an_account, an_opportunity
from tests.builders.salesforce_live import OwnRows, live_org
from tests.builders.setting_up import NAMES

pytestmark = pytest.mark.live


async def test_a_plan_of_the_set_up_can_be_made() -> None:
    async with live_org() as lanes:
        found = await look(lanes.client(ACME))

    items = plan(found, ACME)
    assert found.user.startswith("005")
    assert {item.what for item in items} >= {*NAMES}


async def test_a_new_currency_is_refused_by_its_name_while_products_stand() -> None:
    async with live_org() as lanes:
        one, other = await two_currencies(lanes)
        rows, lines = OwnRows(lanes), the_lines(an_item(1, "40"), currency=one)
        for it in (an_account(1), a_sale_in(one), lines):
            assert isinstance(await rows.write(it), Applied)

        answer = await rows.write(a_sale_in(other, version=2))

    assert isinstance(answer, Rejected)
    assert (answer.code, answer.fields) == ("FIELD_INTEGRITY_EXCEPTION", ("CurrencyIsoCode",))


async def two_currencies(lanes: Lanes) -> tuple[str, str]:
    described = await lanes.client(ACME).describe("Opportunity")
    its = next((it["picklistValues"] for it in described["fields"] if it["name"] == "CurrencyIsoCode"), ())
    active = [it["value"] for it in its if it["active"]]
    if len(active) < 2:
        pytest.skip("the org has one currency")
    return active[0], active[1]


def a_sale_in(currency: str, *, version: int = 1) -> Command:
    sale, amount = an_opportunity(version=version), Figure(figure=Decimal("40.00"), currency=currency)
    return sale.model_copy(update={"fields": {**sale.fields, "Amount": amount}})
