"""A person deleted an Opportunity: it is made anew, and so is what hung on the former one.

An Order stands for all that is found by an Opportunity, lines among it.
"""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.domain.identity import ObjectKind
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk

SALE, ORDER = SObject.OPPORTUNITY, SObject.ORDER
HERE = "p7rQW5:31"


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    desk.org.order(ACME, HERE)
    await desk.tell(a_command(), a_command(SALE, 31), a_command(ORDER, 31))
    desk.org.written.clear()
    return desk


async def test_it_is_written_again_though_it_is_to_hold_the_same(desk: Desk) -> None:
    desk.org.forget(ACME, SALE, HERE)

    await desk.tell(a_command(SALE, 31, version=2, says="Paid"), a_command(ORDER, 31, version=2))
    await desk.go_round()

    assert [it.sobject for it in desk.org.written] == [SALE, ORDER]


async def test_where_nothing_of_it_follows_the_invoice_is_asked_for_once(desk: Desk) -> None:
    desk.org.forget(ACME, SALE, HERE)

    await desk.tell(a_command(SALE, 31, version=2, says="Paid"))
    await desk.tell(a_command(SALE, 31, version=3, says="Paid in full"))
    said = await desk.tell(a_command(ORDER, 31, version=4))

    assert [(it.object, it.object_id, it.nonce) for it in desk.events] == [(ObjectKind.INVOICE, 31, "")]
    assert said == [Verdict.APPLIED]


async def test_what_was_looked_for_before_its_opportunity_was_there_is_looked_for_again() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(ORDER, 31))

    await desk.tell(a_command(SALE, 31))
    desk.org.order(ACME, HERE)
    said = await desk.tell(a_command(ORDER, 31))

    assert len(desk.events) == 1
    assert said == [Verdict.APPLIED]


async def test_an_opportunity_that_is_the_same_record_asks_for_nothing(desk: Desk) -> None:
    await desk.tell(a_command(SALE, 31, version=2, says="Paid"), a_command(ORDER, 31, version=2))

    assert desk.events == []
    assert [it.sobject for it in desk.org.written] == [SALE]
