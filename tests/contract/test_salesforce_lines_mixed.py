"""Results in another order than what was made: nothing is sold as something else."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from app.salesforce.api.client import Client
from app.salesforce.wire.wire import Reply
from streams.ports import Applied
from tests.builders.itemised import PRODUCT_KEY, a_shop, an_item, the_lines


def reversing(monkeypatch: pytest.MonkeyPatch, way: str, sobject: str) -> None:
    """Let the results of what is made of an object come in reverse."""
    ask = getattr(Client, way)

    async def reversed_results(self: Client, *asked: Any) -> Reply:
        reply: Reply = await ask(self, *asked)
        told = orjson.loads(reply.body)
        if sobject not in str(asked[-1]) or not isinstance(told, list):
            return reply
        return replace(reply, body=orjson.dumps(told[::-1]))

    monkeypatch.setattr(Client, way, reversed_results)


@pytest.mark.parametrize(("way", "sobject"), [("upsert", "Product2"), ("ask", "PricebookEntry")])
async def test_each_line_is_sold_by_its_own_product_though_results_of_new_ones_come_in_reverse(
    monkeypatch: pytest.MonkeyPatch, way: str, sobject: str
) -> None:
    async with a_shop() as here:
        reversing(monkeypatch, way, sobject)

        answer = await here.lanes.write(the_lines(an_item(1, "40"), an_item(2, "7", product="vat")))

        assert isinstance(answer, Applied)
        products = {row["Id"]: row[PRODUCT_KEY] for row in here.org.control.people.rows("Product2")}
        lines = here.org.control.people.rows("OpportunityLineItem")
        sold = {line["UnitPrice"]: products[line["Product2Id"]] for line in lines}
        assert sold == {40.0: "ACC1:design", 7.0: "ACC1:vat"}
