"""Rows in batches: full when there is much, at once when there is little; no org waits for another."""

import asyncio

import pytest
from structlog.testing import capture_logs

from app.salesforce.lanes.road import LaneFailed
from app.salesforce.wire.wire import Request
from streams.domain.command import SObject
from streams.domain.identity import ConnectionName
from streams.loop.burial import BURIABLE
from streams.ports import Answer, Applied, Rejected
from tests.builders.lanes import (
    a_fifth_of_a_second,
    all_of,
    lanes_to,
    objects,
)
from tests.builders.salesforce import (
    ACME,
    a_command,
    a_connection,
    an_account,
    an_opportunity,
)
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate

TEN_MINUTES = 601


def test_many_rows_share_few_calls() -> None:
    wire = FakeWire()

    answers = simulate(all_of(lanes_to(wire), *(an_account(client) for client in range(1, 1001))))

    assert objects(wire) == [("Account", 200)] * 5
    assert all(isinstance(answer, Applied) and answer.created for answer in answers)
    assert len(wire.rows) == 1000


def test_a_single_row_goes_almost_at_once() -> None:
    async def story() -> float:
        await lanes_to(FakeWire()).write(an_account())
        return asyncio.get_running_loop().time()

    assert simulate(story()) <= 0.006


def test_a_trickle_of_rows_waits_for_company_no_longer_than_allowed() -> None:
    wire = FakeWire()

    async def story() -> None:
        lanes = lanes_to(wire)
        async with asyncio.TaskGroup() as tasks:
            for client in range(1, 101):
                tasks.create_task(lanes.write(an_account(client)))
                await asyncio.sleep(0.002)

    simulate(story())

    assert 4 <= len(wire.upserts) <= 6


def test_rows_that_come_while_a_call_is_out_go_together() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> None:
        lanes = lanes_to(wire)
        await lanes.write(an_account(1))
        async with asyncio.TaskGroup() as tasks:
            for client in range(2, 150):
                tasks.create_task(lanes.write(an_account(client)))
                await asyncio.sleep(0.001)

    simulate(story())

    assert len(wire.upserts) <= 3


def test_a_row_without_an_external_id_is_refused_before_any_call() -> None:
    wire = FakeWire()

    answer = simulate(all_of(lanes_to(wire), a_command(external_id=" ")))[0]

    assert isinstance(answer, Rejected)
    assert answer.code == "blank-external-id"
    assert wire.requests == []


def test_one_org_that_hangs_does_not_hold_up_another() -> None:
    async def hang(request: Request) -> None:
        if "slow" in request.url:
            await asyncio.sleep(3600)

    slow = ConnectionName("slow")
    settings = {
        ACME: a_connection(),
        slow: a_connection("slow", salesforce_domain="https://slow.my.salesforce.com"),
    }

    async def story() -> float:
        lanes = lanes_to(FakeWire(delay=hang), settings)
        waiting = asyncio.create_task(lanes.write(an_account(1, connection="slow")))
        await lanes.write(an_account(1))
        taken = asyncio.get_running_loop().time()
        lanes.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return taken

    assert simulate(story()) < 0.1


def test_children_of_one_parent_lie_side_by_side_in_a_batch() -> None:
    wire = FakeWire()
    simulate(all_of(lanes_to(wire), an_account(1), an_account(2)))

    simulate(all_of(lanes_to(wire), *(an_opportunity(n, 1 + n % 2) for n in range(10, 20))))

    parents = [record["Account"]["FreshBooks_Client_Id__c"] for record in wire.upserts[-1][1]]
    assert parents == sorted(parents)


def test_a_fault_of_ours_reaches_everybody_who_waits_and_is_none_that_buries_them() -> None:
    async def broken(_: Request) -> None:
        message = "a bug"
        raise ZeroDivisionError(message)

    async def story() -> list[Answer | BaseException]:
        lanes = lanes_to(FakeWire(delay=broken))
        rows = (lanes.write(command) for command in (an_account(1), an_opportunity(10, 1), an_account(2)))
        return await asyncio.gather(*rows, return_exceptions=True)

    answers = simulate(story())

    assert [type(answer) for answer in answers] == [LaneFailed] * 3
    assert not any(isinstance(answer, BURIABLE) for answer in answers)


def test_describe_is_asked_once_per_object() -> None:
    wire = FakeWire()
    commands = [row for c in range(1, 401) for row in (an_account(c), an_opportunity(c + 1000, c))]

    simulate(all_of(lanes_to(wire), *commands))

    assert wire.describes == {SObject.ACCOUNT.value: 1, SObject.OPPORTUNITY.value: 1}


def test_text_that_is_cut_is_noted_on_its_own_row() -> None:
    wire = FakeWire()
    long, short = an_account(1, "x" * 300), an_account(2, "short")

    first, second = simulate(all_of(lanes_to(wire), long, short))

    assert isinstance(first, Applied)
    assert first.notes == ("Name: cut to 255 characters",)
    assert isinstance(second, Applied)
    assert second.notes == ()


def test_a_field_that_was_missing_is_written_ten_minutes_after_it_came_and_missed_anew_when_it_goes() -> None:
    wire, phone = FakeWire(), FIELDS["Account"]
    without = [field for field in phone if field["name"] != "Phone"]

    async def story() -> None:
        lanes = lanes_to(wire)
        for number, fields in enumerate((without, without, phone, phone, without), 1):
            wire.fields["Account"] = fields
            await lanes.write(a_command(external_id=f"ACC1:{number}", fields={"Name": "A", "Phone": "123"}))
            await asyncio.sleep(TEN_MINUTES if number != 4 else 6 * TEN_MINUTES)

    with capture_logs() as events:
        simulate(story())

    assert ["Phone" in records[0] for _, records in wire.upserts] == [False, False, True, True, False]
    assert wire.describes == {"Account": 4}
    assert [it["fields"] for it in events if it["event"] == "salesforce-lacks-fields"] == [
        ["Account.Phone"],
        ["Account.Phone"],
    ]


def test_a_field_that_rows_have_no_longer_costs_no_more_looks_an_hour_later() -> None:
    wire = FakeWire()
    wire.fields["Account"] = [field for field in FIELDS["Account"] if field["name"] != "Phone"]

    async def story() -> None:
        lanes = lanes_to(wire)
        await lanes.write(a_command(external_id="ACC1:0", fields={"Name": "A", "Phone": "123"}))
        for number in range(1, 16):
            await asyncio.sleep(TEN_MINUTES)
            await lanes.write(a_command(external_id=f"ACC1:{number}", fields={"Name": "A"}))

    simulate(story())

    assert wire.describes == {"Account": 1 + 5 + 1}, "at first, in the hour after it, in the one after that"
