"""Rows that only people make: where there is none, a command ends without a call that writes."""

from datetime import timedelta

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.steps import ends
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import FAILED, NO, a_refused_contact, discarded


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.tell(a_command(), a_command(SObject.OPPORTUNITY, 31))
    desk.org.written.clear()
    return desk


def order(version: int = 1, says: str = "12.50", *, read: int = 0) -> Command:
    """Return what an Order should become, read with its version (or then) by the minute."""
    it = a_command(SObject.ORDER, 31, version=version, says=says)
    return it.model_copy(update={"read_at": it.read_at + timedelta(minutes=read or version)})


async def test_a_row_that_is_not_there_ends_its_command_as_unchanged_with_the_reason(desk: Desk) -> None:
    said = await desk.tell(order())

    assert said == [Verdict.UNCHANGED]
    assert desk.entries[-1].rule == "nobody made one"


async def test_it_is_not_taken_for_delivered_so_the_next_change_looks_again(desk: Desk) -> None:
    await desk.tell(order(version=1))
    desk.org.order(ACME, "p7rQW5:31")

    said = await desk.tell(order(version=2))

    assert said == [Verdict.APPLIED]
    assert desk.org.rows[ACME, SObject.ORDER, "p7rQW5:31"]["Name"] == "12.50"


async def test_the_same_state_read_again_does_not_look_again(desk: Desk) -> None:
    await desk.tell(order())

    said = await desk.tell(order())

    assert said == [Verdict.UNCHANGED]
    assert desk.entries[-1].rule == ends.NONE_THERE
    assert len(desk.org.written) == 1


async def test_the_log_read_again_under_later_versions_does_not_look_again(desk: Desk) -> None:
    await desk.tell(order(version=1))
    await desk.tell(order(version=3))

    said = await desk.tell(order(version=4, read=1), order(version=4, read=3))

    assert said == [Verdict.UNCHANGED, Verdict.UNCHANGED]
    assert len(desk.org.written) == 2


async def test_what_is_older_than_the_last_look_is_out_of_date(desk: Desk) -> None:
    await desk.tell(order(version=2))
    desk.org.order(ACME, "p7rQW5:31")

    said = await desk.tell(order(version=1, says="11.00"))

    assert said == [Verdict.SUPERSEDED]


async def test_a_row_that_was_delivered_and_is_gone_is_looked_for_at_the_next_change(desk: Desk) -> None:
    desk.org.order(ACME, "p7rQW5:31")
    await desk.tell(order(version=1))
    desk.org.forget(ACME, SObject.ORDER, "p7rQW5:31")

    gone = await desk.tell(order(version=2, says="13.00"))
    desk.org.order(ACME, "p7rQW5:31")
    again = await desk.tell(order(version=3, says="13.00"))

    assert (gone, again) == ([Verdict.UNCHANGED], [Verdict.APPLIED])


async def test_an_order_waits_with_its_opportunity_for_the_account_and_goes_after_it() -> None:
    desk = Desk()
    waits = await desk.tell(a_command(SObject.OPPORTUNITY, 31), order())
    await desk.tell(a_command())
    desk.org.order(ACME, "p7rQW5:31")

    said = await desk.go_round()

    assert waits == [Verdict.PARKED, Verdict.PARKED]
    assert said == [Verdict.APPLIED, Verdict.APPLIED]
    assert [it.sobject for it in desk.org.written[-2:]] == [SObject.OPPORTUNITY, SObject.ORDER]


async def test_an_order_that_waited_longer_than_its_opportunity_still_goes_after_it() -> None:
    desk = await a_refused_contact()
    await desk.tell(order(), a_command(SObject.OPPORTUNITY, 31))
    await desk.tell(discarded(FAILED))

    said = await desk.go_round()

    assert said == [Verdict.APPLIED, Verdict.UNCHANGED]
    assert desk.parked == {}


async def test_the_look_for_what_waits_is_a_look_for_all_that_it_took_the_place_of() -> None:
    desk = await a_refused_contact()
    await desk.tell(order(version=3, read=9))
    await desk.tell(order(version=4, read=1))
    await desk.tell(discarded(FAILED))
    await desk.go_round()
    looks = len(desk.org.written)

    said = await desk.tell(order(version=5, read=9))

    assert said == [Verdict.UNCHANGED]
    assert len(desk.org.written) == looks


async def test_a_look_in_vain_of_before_is_none_for_what_took_another_s_place_since() -> None:
    """Both waited; the one that is left was read before the other, and after that look."""
    desk = Desk()
    await desk.tell(a_command(), a_command(SObject.OPPORTUNITY, 31), order(version=1))
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(FAILED)
    await desk.tell(order(version=3, read=9), order(version=4, read=8))
    desk.org.order(ACME, "p7rQW5:31")
    await desk.tell(discarded(FAILED))

    said = await desk.go_round()

    assert said == [Verdict.APPLIED]


async def test_an_order_whose_opportunity_was_buried_waits_for_nothing_where_failures_hold_nothing() -> None:
    desk = Desk(holds_back=False)
    sale = a_command(SObject.OPPORTUNITY, 31)
    await desk.tell(sale)
    desk.step.buried(sale)

    assert await desk.tell(order()) == [Verdict.UNCHANGED]


async def test_while_its_opportunity_waits_for_a_lost_account_it_waits_and_does_not_go_round(
    desk: Desk,
) -> None:
    for lost, number in ((SObject.ACCOUNT, 7), (SObject.OPPORTUNITY, 31)):
        desk.org.forget(ACME, lost, f"p7rQW5:{number}")

    said = await desk.tell(a_command(SObject.OPPORTUNITY, 31, version=2, says="13.00"), order(version=2))

    assert said == [Verdict.PARKED, Verdict.PARKED]
    assert desk.back == []
    await desk.tell(a_command(version=3))
    assert await desk.go_round() == [Verdict.APPLIED, Verdict.UNCHANGED]
