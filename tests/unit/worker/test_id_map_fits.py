"""Every row of the id map has room in the worker's table, which is as narrow as can be."""

import pytest

from app.worker.main import ID_MAP_ROW
from app.worker.packed import PackedMap
from streams.domain.command import SObject
from streams.domain.identity import SalesforceId
from streams.steps.id_map import Delivered, IdMap, moment, row_key, short
from tests.builders.commands import a_command

ROW = row_key("acme:7:Account:p7rQW5:7")
ID = SalesforceId("001000000000001AAA")


@pytest.fixture
def id_map() -> IdMap:
    return IdMap(PackedMap(ID_MAP_ROW))


@pytest.mark.parametrize(
    "delivered",
    [
        Delivered(ID, 0, bytes(range(8))),
        Delivered(ID, 2**63 - 1, bytes(8)),
        Delivered(SalesforceId(""), 7, bytes(range(8))),
        Delivered(SalesforceId(""), 7, bytes(range(8)), 2**62),
    ],
)
def test_what_was_delivered_is_read_back_as_it_was(id_map: IdMap, delivered: Delivered) -> None:
    id_map.put(ROW, delivered)

    assert id_map.of(ROW) == delivered


def test_an_order_that_was_not_there_and_a_demand_have_room(id_map: IdMap) -> None:
    order = a_command(SObject.ORDER).model_copy(update={"nonce": "2026-11-28T21:59:10.220872Z-1f"})

    id_map.passed_over(ROW, order)
    id_map.met(ROW, order)
    id_map.doubt(order)

    assert id_map.of(ROW).sought == moment(order)


def test_one_that_was_looked_for_in_vain_is_not_looked_for_again(id_map: IdMap) -> None:
    order = a_command(SObject.ORDER)
    id_map.put(ROW, Delivered(SalesforceId(""), order.version, short(order), moment(order)))

    assert id_map.holds(ROW, order.model_copy(update={"version": order.version + 5}))
