"""The set-up on a real org; what is written there: `tests/contract/test_salesforce_rows.py -m live`."""

import pytest

from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from tests.builders.salesforce import ACME
from tests.builders.salesforce_live import live_org
from tests.builders.setting_up import NAMES

pytestmark = pytest.mark.live


async def test_a_plan_of_the_set_up_can_be_made() -> None:
    async with live_org() as lanes:
        found = await look(lanes.client(ACME))

    items = plan(found, ACME)
    assert found.user.startswith("005")
    assert {item.what for item in items} >= {*NAMES}
