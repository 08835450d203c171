"""An Account that fails, or that must be matched, and what waits behind it."""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.domain.identity import SalesforceId
from streams.ports import Applied, HeldBack, Undecided
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.failed_rows import (
    ACCOUNT,
    CONTACT,
    FAILED,
    NO,
    SALE,
    a_refused_contact,
    discarded,
    retry,
)


@pytest.fixture
async def desk() -> Desk:
    return await a_refused_contact()


async def test_a_new_account_that_is_refused_keeps_its_rows_until_it_lands() -> None:
    desk = Desk()
    account, contact = a_command(ACCOUNT), a_command(CONTACT, version=2)
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(account)

    waits = await desk.tell(contact, SALE)
    said = await desk.tell(a_command(ACCOUNT, version=5, says="Apex"))

    assert waits == [Verdict.PARKED, Verdict.PARKED]
    assert said == [Verdict.APPLIED, Verdict.RELEASED, Verdict.RELEASED]
    assert await desk.go_round() == [Verdict.APPLIED, Verdict.APPLIED]


async def test_once_its_account_is_discarded_a_row_waits_for_the_account_and_goes_when_that_arrives() -> None:
    desk = Desk()
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(a_command(ACCOUNT))
    await desk.tell(SALE)

    for _ in range(6):  # as often as one likes: nobody confirmed the Account in between
        await desk.tell(discarded(a_command(ACCOUNT)))
        waits = await desk.go_round()
        desk.org.refuse("p7rQW5:7", NO)
        await desk.bury(retry(a_command(ACCOUNT)))
    arrived = await desk.tell(a_command(ACCOUNT, version=5, says="Apex"))

    assert waits == [Verdict.PARKED]
    assert arrived == [Verdict.APPLIED, Verdict.RELEASED]
    assert await desk.go_round() == [Verdict.APPLIED]


async def test_a_failed_row_that_is_retried_without_its_account_does_not_keep_the_account_waiting(
    desk: Desk,
) -> None:
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    account = a_command(ACCOUNT, version=6, says="Apex")
    await desk.tell(account)

    retried = await desk.tell(retry(FAILED))
    landed = await desk.go_round()
    freed = await desk.go_round()

    assert retried == [Verdict.PARKED, Verdict.RELEASED]
    assert landed == [Verdict.APPLIED, Verdict.RELEASED]
    assert freed == [Verdict.APPLIED]
    assert desk.parked == {}


async def test_an_account_that_a_person_must_match_still_does_so_after_its_refusal() -> None:
    desk = Desk()
    account = a_command(ACCOUNT)
    desk.org.refuse(
        "p7rQW5:7", NO, Undecided("two are like it"), Applied(SalesforceId("0" * 18), created=True)
    )
    await desk.bury(account)
    await desk.tell(SALE)

    undecided = await desk.tell(retry(account))
    decided = await desk.tell(retry(account, 2))

    assert undecided[0] is Verdict.PARKED
    assert decided[0] is Verdict.APPLIED
    assert Verdict.RELEASED in decided


async def test_a_newer_state_of_a_failed_row_that_the_org_holds_back_waits_behind_the_account_that_failed(
    desk: Desk,
) -> None:
    desk.step.buried(a_command(ACCOUNT, version=3, says="bad"))
    newer = a_command(CONTACT, version=4, says="well")
    desk.org.refuse("p7rQW5:7", HeldBack(newer.fields))

    said = await desk.tell(newer)

    assert said == [Verdict.PARKED]
    assert desk.back == []


async def test_a_retried_order_that_lets_all_others_go_and_waits_for_its_opportunity_goes_once_that_is_there(
    desk: Desk,
) -> None:
    await desk.tell(discarded(FAILED))
    order = a_command(SObject.ORDER, 31, version=3)
    desk.org.refuse("p7rQW5:31", NO)
    await desk.bury(order)
    await desk.tell(SALE)

    freed = await desk.tell(retry(order))
    landed = await desk.go_round()
    ended = await desk.go_round()

    assert freed == [Verdict.PARKED, Verdict.RELEASED]
    assert landed == [Verdict.APPLIED, Verdict.RELEASED]
    assert ended == [Verdict.UNCHANGED]
    assert desk.parked == {}
