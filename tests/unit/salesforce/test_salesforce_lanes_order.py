"""Whose turn it is: parents first, newest wins, nothing older ever overtakes."""

import asyncio
from collections.abc import Sequence

from app.salesforce.lanes.pace import Pace
from streams.ports import Answer, Applied, ParentMissing, Replaced
from tests.builders.lanes import (
    a_fifth_of_a_second,
    all_of,
    lanes_to,
    objects,
)
from tests.builders.salesforce import (
    a_command,
    a_contact,
    an_account,
    an_opportunity,
)
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate


def test_parents_go_before_their_children_however_they_are_mixed() -> None:
    wire = FakeWire()
    commands = [
        row for c in range(1, 51) for row in (an_account(c), an_opportunity(c + 100, c), a_contact(c, c))
    ]

    answers = simulate(all_of(lanes_to(wire), *commands))

    assert objects(wire) == [("Account", 50), ("Contact", 50), ("Opportunity", 50)]
    assert all(isinstance(answer, Applied) for answer in answers)


def test_a_child_does_not_wait_for_a_parent_that_came_after_it() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        child = asyncio.create_task(lanes.write(an_opportunity(10, 1)))
        await asyncio.sleep(0.5)
        return [await lanes.write(an_account(1)), await child]

    parent, child = simulate(story())

    assert isinstance(parent, Applied)
    assert child == ParentMissing("INVALID_FIELD")


def test_a_child_waits_while_its_parent_is_on_the_wire() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> Answer:
        lanes = lanes_to(wire)
        parent = asyncio.create_task(lanes.write(an_account(1)))
        await asyncio.sleep(0.5)  # log-in and describe are done, the row is on its way
        child = await lanes.write(an_opportunity(10, 1))
        assert parent.done()
        return child

    assert isinstance(simulate(story()), Applied)


def test_another_clients_parent_holds_nobody_up() -> None:
    wire = FakeWire()
    simulate(all_of(lanes_to(wire), an_account(1)))
    wire.upserts.clear()

    simulate(all_of(lanes_to(wire), an_opportunity(10, 1), an_account(2)))

    assert sorted(objects(wire)) == [("Account", 1), ("Opportunity", 1)]


def test_a_newer_command_takes_the_place_of_one_that_waits() -> None:
    wire = FakeWire()
    old, new = an_account(1, "Old name", version=1), an_account(1, "New name", version=2)

    answers = simulate(all_of(lanes_to(wire), old, new))

    assert answers[0] == Replaced(by=new.id)
    assert isinstance(answers[1], Applied)
    assert [records[0]["Name"] for _, records in wire.upserts] == ["New name"]


def test_what_the_replaced_command_alone_wrote_is_still_written() -> None:
    wire = FakeWire()
    old = a_command(version=1, fields={"Name": "Old", "Phone": "555"})
    new = a_command(version=2, fields={"Name": "New"})

    simulate(all_of(lanes_to(wire), old, new))

    assert wire.rows["Account", "ACC1:1"] == {"Name": "New", "Phone": "555"}


def test_the_replaced_command_is_answered_with_the_one_that_writes_what_it_alone_wrote() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)
    old = a_command(version=1, fields={"Name": "Old", "Phone": "555"})
    new, newest = (a_command(version=version, fields={"Name": f"v{version}"}) for version in (2, 3))

    async def story() -> tuple[bool, Sequence[Answer]]:
        lanes = lanes_to(wire)
        told = [asyncio.ensure_future(lanes.write(it)) for it in (old, new, newest)]
        await asyncio.sleep(0.1)
        early = any(it.done() for it in told)
        return early, await asyncio.gather(*told)

    early, answers = simulate(story())

    assert not early
    assert answers[:2] == [Replaced(by=new.id), Replaced(by=newest.id)]
    assert isinstance(answers[2], Applied)


def test_an_older_command_never_overtakes_a_newer_one() -> None:
    wire = FakeWire()
    new, old = an_account(1, "New name", version=2), an_account(1, "Old name", version=1)

    answers = simulate(all_of(lanes_to(wire), new, old))

    assert answers[1] == Replaced(by=new.id)
    assert wire.rows["Account", "ACC1:1"]["Name"] == "New name"


def test_a_newer_command_waits_for_the_older_one_on_the_wire() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> None:
        lanes = lanes_to(wire)
        first = asyncio.create_task(lanes.write(an_account(1, "Old name", version=1)))
        await asyncio.sleep(0.5)
        second = asyncio.create_task(lanes.write(an_account(1, "New name", version=2)))
        assert isinstance(await first, Applied)
        assert isinstance(await second, Applied)

    simulate(story())

    assert [records[0]["Name"] for _, records in wire.upserts] == ["Old name", "New name"]


def test_a_repeat_of_what_is_on_the_wire_needs_no_call_of_its_own() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> tuple[Answer, Answer]:
        lanes = lanes_to(wire)
        first = asyncio.create_task(lanes.write(an_account(1)))
        await asyncio.sleep(0.5)
        return await lanes.write(an_account(1)), await first

    again, first = simulate(story())

    assert again == first
    assert len(wire.upserts) == 1


def test_an_invoice_that_moved_to_another_client_is_written_in_turn() -> None:
    wire = FakeWire()
    before, after = an_opportunity(10, 1, "1.00", version=1), an_opportunity(10, 2, "2.00", version=1)

    answers = simulate(all_of(lanes_to(wire), an_account(1), an_account(2), before, after))

    assert all(isinstance(answer, Applied) for answer in answers)
    assert wire.rows["Opportunity", "ACC1:10"]["Account"] == {"FreshBooks_Client_Id__c": "ACC1:2"}


def test_rows_nobody_waits_for_any_more_are_not_sent() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def story() -> None:
        lanes = lanes_to(wire)
        kept = asyncio.create_task(lanes.write(an_account(1)))
        await asyncio.sleep(0.5)
        dropped = asyncio.create_task(lanes.write(an_account(2)))
        child = asyncio.create_task(lanes.write(an_opportunity(10, 2)))
        await asyncio.sleep(0)
        dropped.cancel()
        await kept
        assert await child == ParentMissing("INVALID_FIELD")

    simulate(story())

    assert [name for _, name in wire.rows] == ["ACC1:1"]


def test_one_clients_rows_leave_in_the_order_in_which_they_came_however_many_batches_it_takes() -> None:
    wire = FakeWire()
    invoices = [*range(10, 19)]

    simulate(all_of(lanes_to(wire, pace=Pace(size=2)), an_account(1), *map(an_opportunity, invoices)))

    sent = [row["Name"] for sobject, rows in wire.upserts for row in rows if sobject == "Opportunity"]
    assert sent == [f"Invoice {number}" for number in invoices]
