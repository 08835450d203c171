"""A demand that a row be sent is met, though a newer state takes the place of the one that carries it."""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.ports import Rejected
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk

SALE = SObject.OPPORTUNITY
REFUSED = Rejected("FIELD_CUSTOM_VALIDATION_EXCEPTION", "not on a Friday", "mend")
DEMAND = {"nonce": "0123456789abcdef"}


async def test_a_newer_state_of_the_same_content_is_sent_in_its_place() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    demanded = a_command(SALE, 31, version=2).model_copy(update=DEMAND)

    said = await desk.tell(demanded, a_command(SALE, 31, version=3))

    assert said == [Verdict.SUPERSEDED, Verdict.APPLIED]


async def test_a_demand_that_was_met_in_its_place_is_met_for_good() -> None:
    desk = Desk()
    demanded = a_command(SALE, 31, version=2).model_copy(update=DEMAND)
    await desk.tell(a_command(), demanded, a_command(SALE, 31, version=3))

    said = await desk.tell(demanded.model_copy(update={"version": 3}))

    assert said == [Verdict.UNCHANGED]


async def test_what_took_its_place_is_sent_though_the_worker_died_in_between() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    demanded, newer = a_command(SALE, 31, version=2).model_copy(update=DEMAND), a_command(SALE, 31, version=3)
    first, _ = desk.step.ask(demanded), desk.step.ask(newer)
    [*desk.step(demanded, await first)]
    desk.restart()

    said = await desk.tell(newer)

    assert said == [Verdict.APPLIED]


async def test_what_takes_its_place_while_it_waits_is_sent_once_it_may_go() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    desk.org.refuse("p7rQW5:32", REFUSED)
    failed = a_command(SALE, 32, version=2)
    await desk.bury(failed)
    await desk.tell(a_command(SALE, 31, version=3).model_copy(update=DEMAND))
    await desk.tell(a_command(SALE, 31, version=4))

    await desk.tell(failed)

    assert await desk.go_round() == [Verdict.APPLIED]


async def test_what_takes_its_place_says_so_to_salesforces_side() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    newer = a_command(SALE, 31, version=3)

    await desk.tell(a_command(SALE, 31, version=2).model_copy(update=DEMAND), newer)

    assert desk.org.written[-1] == newer.model_copy(update=DEMAND)


@pytest.mark.parametrize("dies", [False, True])
async def test_what_takes_its_place_while_it_waits_says_so_once_it_may_go(*, dies: bool) -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    desk.org.refuse("p7rQW5:32", REFUSED)
    failed, newer = a_command(SALE, 32, version=2), a_command(SALE, 31, version=4)
    await desk.bury(failed)
    await desk.tell(a_command(SALE, 31, version=3).model_copy(update=DEMAND))
    await desk.tell(newer)
    if dies:  # and reads again what it had concluded
        desk.restart()
        await desk.tell(newer)

    await desk.tell(failed)
    await desk.go_round()

    assert desk.org.written[-1] == newer.model_copy(update=DEMAND)


async def test_what_takes_its_place_before_either_may_go_says_so_once_it_may() -> None:
    desk = Desk()
    await desk.tell(a_command(), a_command(SALE, 31, version=1))
    desk.org.refuse("p7rQW5:32", REFUSED)
    failed, newer = a_command(SALE, 32, version=2), a_command(SALE, 31, version=4)
    await desk.bury(failed)
    await desk.tell(a_command(SALE, 31, version=3).model_copy(update=DEMAND), newer)

    await desk.tell(failed)
    await desk.go_round()

    assert desk.org.written[-1] == newer.model_copy(update=DEMAND)


async def test_clients_that_share_an_account_hear_of_a_demand_that_a_newer_state_carries_on() -> None:
    desk = Desk()
    shared = a_command(version=1).model_copy(update={"members": (8,)})
    await desk.tell(shared)
    desk.events.clear()
    newer = shared.model_copy(update={"id": "e" * 32, "version": 3})

    await desk.tell(shared.model_copy(update={"version": 2, **DEMAND}), newer)

    assert [(it.object_id, it.nonce) for it in desk.events] == [(8, DEMAND["nonce"])]
