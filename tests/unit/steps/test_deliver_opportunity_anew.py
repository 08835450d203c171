"""A person deleted an Opportunity: it is made anew, and so is what hung on the former one.

An Order stands for all that is found by an Opportunity, lines among it. What is asked for is the invoice, of
which all rows are sent then, whatever was sent before.
"""

from datetime import timedelta
from functools import partial

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.domain.event import Event, EventSource
from streams.domain.identity import ObjectKind, demanded_at
from tests.builders.commands import ACME, MORNING, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import NO, retry
from tests.fakes.org import at_once

SALE, ORDER = SObject.OPPORTUNITY, SObject.ORDER
HERE = "p7rQW5:31"
PAID = a_command(SALE, 31, version=2, says="Paid")


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    desk.org.order(ACME, HERE)
    await desk.tell(a_command(), a_command(SALE, 31), a_command(ORDER, 31))
    desk.org.written.clear()
    return desk


def demanded(event: Event) -> bool:
    its = event.object is ObjectKind.INVOICE and event.object_id == 31
    return its and event.source is EventSource.SHARED and bool(event.nonce)


async def test_the_invoice_is_asked_for_once_and_what_hangs_on_it_is_sent(desk: Desk) -> None:
    desk.org.forget(ACME, SALE, HERE)
    await desk.tell(PAID)
    (event,) = desk.events

    await desk.tell(a_command(SALE, 31, version=3, says="Paid in full"))
    again = a_command(ORDER, 31, version=4).model_copy(update={"nonce": event.nonce})
    said = await desk.tell(again)

    assert demanded(event)
    assert desk.events == [event]
    assert said == [Verdict.APPLIED]


async def test_a_crash_that_loses_the_question_asks_it_again(desk: Desk) -> None:
    desk.org.forget(ACME, SALE, HERE)
    await desk.tell(PAID)
    desk.restart()

    said = await desk.tell(PAID)

    once, again = desk.events
    assert once == again
    assert said == [Verdict.UNCHANGED]


@pytest.mark.parametrize(("nonce", "asked"), [("", True), ("a demand", False)])
async def test_one_that_is_made_by_a_later_reading_asks_for_what_was_looked_for_unless_it_comes_along(
    nonce: str, *, asked: bool
) -> None:
    """A client's new name makes the Opportunity alone; on demand all rows of the invoice are there."""
    desk = Desk()
    await desk.tell(a_command(), a_command(ORDER, 31))

    later = {"read_at": MORNING + timedelta(seconds=1), "nonce": nonce}
    await desk.tell(a_command(SALE, 31).model_copy(update=later))

    assert [*map(demanded, desk.events)] == [True] * asked


async def test_what_was_looked_for_before_its_opportunity_was_taken_is_asked_for() -> None:
    desk = Desk(holds_back=False)
    desk.org.refuse(HERE, NO)
    refused = a_command(SALE, 31)
    await desk.bury(a_command(), refused, a_command(ORDER, 31))

    await desk.tell(retry(refused))

    (event,) = desk.events
    assert demanded(event)


async def test_one_that_is_lost_with_its_account_asks_for_nothing_of_its_own(desk: Desk) -> None:
    for name in [*desk.org.rows]:
        desk.org.forget(*name)
    await desk.tell(PAID)
    await desk.tell(a_command(version=3))
    desk.events.clear()

    await desk.go_round()

    assert desk.has(SALE, HERE)
    assert desk.events == []


async def test_an_opportunity_that_is_the_same_record_asks_for_nothing(desk: Desk) -> None:
    await desk.tell(PAID, a_command(ORDER, 31, version=2))

    assert desk.events == []
    assert [it.sobject for it in desk.org.written] == [SALE]


async def test_one_on_which_nothing_hung_asks_for_nothing() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31))
    desk.org.forget(ACME, SALE, HERE)

    await desk.tell(PAID)

    assert desk.events == []


async def test_what_is_still_to_be_looked_for_is_not_asked_for() -> None:
    desk = Desk()
    await desk.tell(a_command())
    older, newer = a_command(ORDER, 31), a_command(ORDER, 31, version=2, says="Paid")
    words = [desk.step.ask(it) for it in (older, newer)]
    [*desk.step(older, await words[0])]

    await desk.tell(a_command(SALE, 31))

    assert desk.events == []


async def no_sale_stays(desk: Desk, command: Command) -> None:
    """Have each Opportunity deleted by the time it is written next, as a flow of the org could."""
    if command.sobject is SALE:
        desk.org.rows.pop((ACME, SALE, HERE), None)
        desk.org.ids.pop((ACME, SALE, HERE), None)


async def answered(desk: Desk, first: Command) -> list[str]:
    """Return what is said of an Opportunity, and of each reading that it has asked for."""
    desk.events.clear()
    said = await desk.bury(first)
    for version, event in enumerate(desk.events, first.version + 1):  # it grows meanwhile
        said += await desk.bury(*(read_anew(it, version, event.nonce) for it in (SALE, ORDER)))
    return said


def read_anew(sobject: SObject, version: int, nonce: str) -> Command:
    read_at = MORNING + timedelta(seconds=version)
    its = a_command(sobject, 31, version=version, says="Paid")
    return its.model_copy(update={"nonce": nonce, "read_at": read_at})


async def test_an_org_that_deletes_it_each_time_is_asked_no_further_and_a_person_is_told(desk: Desk) -> None:
    desk.org.before = partial(no_sale_stays, desk)

    said = await answered(desk, PAID)

    assert len(desk.events) == 3
    assert said[-2:] == ["deleted-each-time", Verdict.PARKED]


async def test_once_the_org_leaves_it_alone_a_retry_goes_through_with_what_waits(desk: Desk) -> None:
    desk.org.before = partial(no_sale_stays, desk)
    await answered(desk, PAID)
    desk.org.before = at_once
    refused = read_anew(SALE, 5, "")

    again = await desk.bury(retry(refused, 2**62))
    await desk.go_round()

    assert again[0] == Verdict.APPLIED
    assert desk.parked == {}


async def test_deletions_with_a_quiet_time_between_are_no_loop(desk: Desk) -> None:
    for version in range(2, 12, 2):
        desk.org.forget(ACME, SALE, HERE)
        by_hand = demanded_at(MORNING + timedelta(seconds=version - 1))
        said = await answered(desk, read_anew(SALE, version, by_hand))
        assert said[0] == Verdict.APPLIED

    assert len(desk.events) == 1
