"""What waits is let go portion by portion, in its order, and nothing of it is lost in a crash."""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import FOUND, Command, SObject
from streams.steps.parked import Parked
from streams.steps.release import PORTION
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import (
    ACCOUNT,
    CONTACT,
    FAILED,
    NO,
    OPPORTUNITY,
    SALE,
    a_refused_contact,
    discarded,
    retry,
)

MANY = 2 * PORTION + 3


def sales(count: int) -> list[Command]:
    return [a_command(OPPORTUNITY, 1000 + number, version=3 + number) for number in range(count)]


@pytest.fixture
async def desk() -> Desk:
    return await a_refused_contact()


async def test_no_more_than_a_portion_is_said_at_a_time_and_all_goes_in_order(desk: Desk) -> None:
    waiting, landed, portions = sales(MANY), list[str](), []
    await desk.tell(*waiting)

    await desk.tell(discarded(FAILED))
    while desk.back:
        portions.append(len(desk.back))
        so_far = len(desk.calls)
        await desk.go_round()
        landed += desk.calls[so_far:]

    assert portions == [PORTION, PORTION, 3]
    assert landed == [it.row for it in waiting]
    assert desk.parked == {}


async def test_a_portion_that_was_lost_in_a_crash_is_let_go_again(desk: Desk) -> None:
    await desk.tell(*sales(MANY))
    await desk.tell(discarded(FAILED))
    first = [*desk.back]
    await desk.go_round()
    second = [*desk.back]
    desk.back.clear()
    desk.restart()

    await desk.tell(first[-1])

    assert desk.back == second


async def test_a_row_that_fails_holds_the_later_portions_back_until_it_is_seen_to(desk: Desk) -> None:
    await desk.tell(*sales(MANY))
    await desk.tell(discarded(FAILED))
    *before, last = desk.back
    desk.back.clear()
    await desk.tell(*before)
    desk.org.refuse(last.external_id, NO)

    assert await desk.bury(last) == [NO.code]
    assert desk.back == []
    said = await desk.tell(retry(last))
    assert said[:2] == [Verdict.APPLIED, Verdict.RELEASED]
    assert len(desk.back) == PORTION


async def test_where_nothing_is_held_back_any_more_a_failure_does_not_keep_the_later_portions(
    desk: Desk,
) -> None:
    await desk.tell(*sales(MANY))
    await desk.tell(discarded(FAILED))
    *before, last = desk.back
    desk.back.clear()
    await desk.tell(*before)
    desk.holds_back = False
    desk.org.refuse(last.external_id, NO)
    await desk.bury(last)

    await desk.tell(SALE)

    assert len(desk.back) == PORTION


async def test_rows_that_wait_again_for_their_account_are_not_let_go_for_ever(desk: Desk) -> None:
    await desk.tell(*sales(MANY))
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    await desk.tell(discarded(FAILED))

    rounds = 0
    while desk.back:
        await desk.go_round()
        rounds += 1

    assert rounds < 10
    assert len([it for it in desk.parked if b":r:" in it]) == MANY


async def test_orders_go_after_their_opportunities_though_they_came_first(desk: Desk) -> None:
    orders = [a_command(SObject.ORDER, 1000 + number, version=2) for number in range(PORTION)]
    await desk.tell(*orders)
    await desk.tell(*sales(PORTION))
    for order in orders:
        desk.org.order(ACME, order.external_id)

    await desk.tell(discarded(FAILED))
    while desk.back:
        await desk.go_round()

    assert desk.parked == {}


async def test_a_release_that_was_lost_is_said_again_though_another_row_waits_since(desk: Desk) -> None:
    await desk.tell(SALE)
    await desk.tell(discarded(FAILED))
    order = a_command(SObject.ORDER, 31, version=9)
    assert await desk.tell(order) == [Verdict.PARKED]
    desk.back.clear()
    desk.restart()

    await desk.tell(discarded(FAILED))

    assert desk.back == [SALE, order]


async def test_what_failed_stands_apart_so_that_an_earlier_version_reads_the_rest(desk: Desk) -> None:
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    await desk.tell(a_command(CONTACT, 8, version=3))

    (lot,) = [value for key, value in desk.parked.items() if key == FAILED.key.encode()]

    assert lot == b'["",0,0,1]'
    assert Parked(desk.parked).failed(FAILED.key)


async def test_a_lot_with_what_failed_beside_the_rest_is_still_read() -> None:
    parked = Parked({b"acme:client:8": b'["",2,0,1,{"00ff":3}]'})

    assert parked.failed("acme:client:8") == {b"\x00\xff": 3}


@pytest.mark.parametrize("sobject", sorted(FOUND))
async def test_what_came_to_wait_for_its_opportunity_goes_once_that_is_there(
    desk: Desk, sobject: SObject
) -> None:
    await desk.tell(SALE)
    await desk.tell(discarded(FAILED))
    its = a_command(sobject, 31, version=9)
    desk.back.clear()  # it is read after what hangs on it, and the newer one below first
    await desk.tell(its)

    said = await desk.tell(a_command(OPPORTUNITY, 31, version=9, says="paid"))

    assert said[-1] is Verdict.RELEASED
    assert desk.back == [its]
    await desk.go_round()
    assert desk.parked == {}
