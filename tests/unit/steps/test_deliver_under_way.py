"""What was asked and is not concluded yet counts for whatever comes after it."""

import asyncio

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.ports import Applied, Replaced, Undecided
from streams.steps.flights import Needless, Stale
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk, under_way

SALE = SObject.OPPORTUNITY
DEMAND = {"nonce": "0123456789abcdef"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_however_many_equal_states_come_while_one_is_under_way_it_goes_once(desk: Desk) -> None:
    asked = [await under_way(desk, a_command(version=version)) for version in range(1, 5)]

    words = await asyncio.gather(*asked)

    assert [type(it.said) for it in words] == [Applied, Needless, Needless, Needless]
    assert len(desk.calls) == 1


async def test_the_end_of_an_older_state_does_not_make_the_newer_one_under_way_forgotten(desk: Desk) -> None:
    first, newest = a_command(version=1), a_command(version=3, says="Apex")
    asked = [await under_way(desk, it) for it in (first, newest)]
    [*desk.step(first, await asked[0])]

    between = await desk.step.ask(a_command(version=2, says="Acme Inc"))

    assert isinstance(between.said, Stale)


async def test_a_state_older_than_the_one_that_waits_does_not_take_its_place(desk: Desk) -> None:
    desk.org.undecided.add("p7rQW5:7")
    await desk.tell(a_command(), a_command(SALE, 31, version=3))

    said = await desk.tell(a_command(SALE, 31, version=2, says="Old"))

    assert said == [Verdict.SUPERSEDED]


async def test_a_demand_for_what_is_under_way_anyway_is_a_call_of_its_own(desk: Desk) -> None:
    first = await under_way(desk, a_command(version=1))
    demanded = await under_way(desk, a_command(version=2).model_copy(update=DEMAND))

    words = await asyncio.gather(first, demanded)

    assert [type(it.said) for it in words] == [Applied, Applied]


async def test_a_demand_outlives_two_states_that_take_its_place(desk: Desk) -> None:
    await desk.tell(a_command(version=1))
    demanded = a_command(version=2).model_copy(update=DEMAND)

    asked = [desk.step.ask(it) for it in (demanded, a_command(version=3), a_command(version=4))]
    words = await asyncio.gather(*asked)

    assert [type(it.said) for it in words] == [Replaced, Replaced, Applied]


async def test_a_client_that_a_person_must_tell_is_not_made_by_its_next_state(desk: Desk) -> None:
    desk.org.undecided.add("p7rQW5:7")
    asked = [await under_way(desk, a_command(version=it, says=f"v{it}")) for it in (1, 2)]

    words = await asyncio.gather(*asked)

    assert [type(it.said) for it in words] == [Undecided, Undecided]
    assert desk.calls == []


async def test_what_waits_at_the_version_of_what_was_delivered_still_waits(desk: Desk) -> None:
    desk.org.undecided.add("p7rQW5:7")
    await desk.tell(a_command(version=1), a_command(SALE, 31, version=2, says="By another mapping"))
    desk.org.undecided.clear()
    await desk.tell(a_command(version=1))

    said = await desk.tell(a_command(SALE, 31, version=2))

    assert said == [Verdict.APPLIED]
    assert [it.version for it in desk.back] == [2]
