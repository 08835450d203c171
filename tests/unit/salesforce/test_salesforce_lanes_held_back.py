"""Behind a row that Salesforce refuses for good nothing of its client leaves any more."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from app.salesforce.lanes.lanes import Lanes
from streams.domain.command import Command
from streams.domain.connection import AfterFailure
from streams.ports import Answer, Applied, HeldBack, Rejected, Replaced
from tests.builders.lanes import Rows, all_of, lanes_to, objects
from tests.builders.salesforce import ACME, a_connection, a_failed_row, an_account, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

NO = a_failed_row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "no")
BAD = "Refuse me"
BAD_ACCOUNT = an_account(1, BAD, version=2)
SALE = an_opportunity(10, 1)


@pytest.fixture
def wire() -> FakeWire:
    """An org that refuses what is called so."""
    wire = FakeWire()
    wire.judge = lambda _, records: [NO if row.get("Name") == BAD else None for row in records]
    return wire


def lanes_of(wire: FakeWire, **settings: Any) -> Lanes:
    return lanes_to(wire, {ACME: a_connection(**settings)})


def kinds(told: Sequence[Answer]) -> list[type[Answer]]:
    return [type(it) for it in told]


def answers(wire: FakeWire, *commands: Command, **settings: Any) -> list[type[Answer]]:
    """Return what becomes of commands that are put on their way at once; the clients' Accounts are there."""

    async def story() -> Sequence[Answer]:
        lanes = lanes_of(wire, **settings)
        await all_of(lanes, an_account(1), an_account(2))
        wire.upserts.clear()
        return await all_of(lanes, *commands)

    return kinds(simulate(story()))


def test_what_waits_behind_a_refused_row_of_its_client_is_not_sent(wire: FakeWire) -> None:
    told = answers(wire, BAD_ACCOUNT, SALE, an_opportunity(11, 1))

    assert told == [Rejected, HeldBack, HeldBack]
    assert objects(wire) == [("Account", 1)]


def test_other_clients_go_on(wire: FakeWire) -> None:
    told = answers(wire, BAD_ACCOUNT, an_account(2, version=2), an_opportunity(20, 2), SALE)

    assert told == [Rejected, Applied, Applied, HeldBack]


def test_what_left_in_the_same_call_lands(wire: FakeWire) -> None:
    bad = SALE.model_copy(update={"fields": {**SALE.fields, "Name": BAD}})

    assert answers(wire, bad, an_opportunity(11, 1)) == [Rejected, Applied]


def test_where_failures_hold_nothing_back_all_is_sent(wire: FakeWire) -> None:
    assert answers(wire, BAD_ACCOUNT, SALE, after_failure=AfterFailure.GO_ON) == [Rejected, Applied]


def test_a_newer_state_of_the_refused_row_is_a_new_try(wire: FakeWire) -> None:
    async def story() -> Sequence[Answer]:
        lanes = lanes_of(wire)
        first = asyncio.ensure_future(lanes.write(BAD_ACCOUNT))
        while not wire.upserts:  # noqa: ASYNC110 - a wire rings no bell
            await asyncio.sleep(0.001)
        return await asyncio.gather(first, lanes.write(an_account(1, version=3)))

    assert kinds(simulate(story())) == [Rejected, Applied]


def test_a_row_that_was_held_back_is_sent_when_it_comes_again(wire: FakeWire) -> None:
    async def story() -> Sequence[Answer]:
        lanes = lanes_of(wire)
        await all_of(lanes, an_account(1))
        await all_of(lanes, BAD_ACCOUNT, SALE)
        return await all_of(lanes, SALE)

    assert kinds(simulate(story())) == [Applied]


def test_a_row_that_was_locked_beside_the_refused_one_gets_no_second_try() -> None:
    wire, judged = FakeWire(), list[Rows]()

    def judge(sobject: str, records: Rows) -> list[Any] | None:
        if sobject == "Account":
            return None
        judged.append(records)
        return [NO, a_failed_row("UNABLE_TO_LOCK_ROW", "locked")]

    wire.judge = judge

    assert answers(wire, SALE, an_opportunity(11, 1)) == [Rejected, HeldBack]
    assert len(judged) == 1


def paid(version: int, **fields: Any) -> Command:
    it = an_opportunity(10, 1, "13.00", version=version)
    return it.model_copy(update={"fields": {**it.fields, **fields}})


def test_what_an_earlier_state_alone_writes_is_held_back_with_the_later_one(wire: FakeWire) -> None:
    told = answers(wire, paid(1, Closed__c="2026-11-02"), BAD_ACCOUNT, paid(2))

    assert told == [HeldBack, Rejected, HeldBack]


def test_an_earlier_state_is_to_be_tried_itself_where_the_later_one_is_refused(wire: FakeWire) -> None:
    told = answers(wire, paid(1, Closed__c="2026-11-02"), paid(2, Name=BAD), an_opportunity(11, 1))

    assert told == [HeldBack, Rejected, Applied]


def test_a_later_state_that_stands_in_the_place_of_an_earlier_one_waits_as_well(wire: FakeWire) -> None:
    told = answers(wire, SALE, BAD_ACCOUNT, an_opportunity(10, 1, "13.00", version=2))

    assert told == [Replaced, Rejected, HeldBack]
