"""A person discards a failed row: nothing is sent, what waits goes, and it may be tried again after all."""

import pytest

from streams.domain.audit import Verdict
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import ACCOUNT, CONTACT, FAILED, NO, SALE, a_refused_contact, discarded, retry


@pytest.fixture
async def desk() -> Desk:
    return await a_refused_contact()


async def test_a_discarded_row_is_not_sent_and_lets_all_go(desk: Desk) -> None:
    await desk.tell(SALE)
    so_far = len(desk.calls)

    said = await desk.tell(discarded(FAILED))

    assert said == [Verdict.SUPERSEDED, Verdict.RELEASED]
    assert desk.entries[0].rule == "a person discarded it"
    assert len(desk.calls) == so_far
    assert await desk.go_round() == [Verdict.APPLIED]
    assert desk.parked == {}


async def test_a_discard_of_an_older_failure_does_not_let_go_what_waits_behind_a_newer_one(
    desk: Desk,
) -> None:
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(a_command(CONTACT, version=5, says="worse"))
    await desk.tell(SALE)

    await desk.tell(discarded(FAILED))

    assert desk.back == []


async def test_a_release_that_was_lost_in_a_crash_is_said_again(desk: Desk) -> None:
    await desk.tell(SALE)
    await desk.tell(discarded(FAILED))
    desk.back.clear()
    desk.restart()

    assert await desk.tell(discarded(FAILED)) == [Verdict.SUPERSEDED, Verdict.RELEASED]
    assert desk.back == [SALE]


async def test_a_discarded_row_that_is_tried_again_after_all_tells_what_came_of_it(desk: Desk) -> None:
    await desk.tell(discarded(FAILED))
    discard = desk.entries[0]

    said = await desk.tell(retry(FAILED))

    assert said == [Verdict.APPLIED]
    assert desk.entries[0].id != discard.id


async def test_a_discarded_row_that_is_tried_again_and_refused_holds_back_again(desk: Desk) -> None:
    await desk.tell(discarded(FAILED))
    desk.org.refuse("p7rQW5:7", NO)

    assert await desk.bury(retry(FAILED)) == [NO.code]
    assert await desk.tell(SALE) == [Verdict.PARKED]


async def test_an_older_state_that_is_refused_once_more_does_not_hide_that_a_newer_one_failed(
    desk: Desk,
) -> None:
    desk.org.refuse("p7rQW5:7", NO, NO)
    await desk.bury(a_command(CONTACT, version=5, says="worse"), retry(FAILED))
    await desk.tell(SALE)

    assert await desk.tell(retry(FAILED, 2)) == [Verdict.APPLIED]
    assert desk.back == []


async def test_of_a_row_that_is_read_twice_at_once_one_end_is_told(desk: Desk) -> None:
    await desk.tell(discarded(FAILED))
    account = a_command(ACCOUNT, version=9, says="Apex")

    said = await desk.tell(account, account)

    assert said == [Verdict.APPLIED]
