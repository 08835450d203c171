"""Looks at an object that was not as we knew it: few, shared by lanes, never at a written row's cost."""

import asyncio

import pytest

from app.salesforce.lanes.quiet import FIRST_FOR_PEOPLE
from app.salesforce.wire.wire import API, Reply, Request
from streams.domain.command import Command, SObject
from streams.domain.errors import Unreachable
from streams.ports import Answer, Applied, Rejected
from tests.builders.lanes import Rows, a_fifth_of_a_second, all_of, applied, lanes_to, write_all
from tests.builders.salesforce import a_command, a_failed_row, a_reply, an_account, an_error
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate

WITHOUT_PHONE = [field for field in FIELDS["Account"] if field["name"] != "Phone"]
HOUR = 3600.0
FAILED = a_failed_row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "execution of BeforeUpdate caused by: x")
NO_RIGHT = a_failed_row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Contact")


def with_phone(client: int) -> Command:
    return a_command(external_id=f"ACC1:{client}", client=client, fields={"Name": "A", "Phone": "123"})


def a_contact(client: int) -> Command:
    return a_command(SObject.CONTACT, f"ACC1:{client}", client=client, fields={"LastName": "Lee"})


def failing_first(_: str, rows: Rows) -> list[dict[str, object] | None]:
    """Let a trigger of the org fail over the first row of each batch."""
    return [FAILED, *[None] * (len(rows) - 1)]


def test_a_field_hidden_from_several_lanes_at_once_costs_one_look_and_each_batch_one_more_call() -> None:
    refused = a_reply(400, an_error("INVALID_FIELD", "No such column 'Phone' on sobject of type Account"))
    wire = FakeWire(delay=a_fifth_of_a_second)

    def judge(_: str, rows: Rows) -> Reply | None:
        hidden = wire.fields["Account"] is WITHOUT_PHONE and any("Phone" in row for row in rows)
        return refused if hidden else None

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        await all_of(lanes, *map(with_phone, range(1, 2001)))
        wire.fields["Account"] = WITHOUT_PHONE
        wire.upserts.clear()
        return await all_of(lanes, *map(with_phone, range(5001, 6001)))

    wire.judge = judge
    answers = simulate(story())

    assert applied(answers) == 1000
    assert len(wire.upserts) <= 10
    assert wire.describes["Account"] == 2


def test_a_trigger_that_fails_in_each_batch_costs_one_look_a_minute() -> None:
    wire = FakeWire(judge=failing_first)

    async def story() -> None:
        lanes = lanes_to(wire)
        for client in range(1, 40, 2):
            await all_of(lanes, an_account(client), an_account(client + 1))

    simulate(story())

    assert len(wire.upserts) == 20
    assert wire.describes["Account"] == 2


def test_rows_beside_one_that_a_trigger_failed_over_are_written_once_though_the_look_fails() -> None:
    wire = FakeWire(judge=failing_first)

    async def down_after_a_first_look(request: Request) -> None:
        if request.url.endswith("/describe") and wire.describes["Account"]:
            raise Unreachable(API, "ServerDisconnectedError")
        await asyncio.sleep(0)

    wire.delay = down_after_a_first_look
    answers, _ = write_all(wire, 200)

    assert [type(answer) for answer in answers] == [Rejected, *[Applied] * 199]
    assert [len(rows) for _, rows in wire.upserts] == [200]


def test_rows_that_wait_for_a_right_ask_together_every_five_minutes_while_others_go_on() -> None:
    wire = FakeWire(judge=lambda it, rows: [NO_RIGHT] * len(rows) if it in wire.barred else None)
    wire.barred.add("Contact")

    async def story() -> float:
        lanes, waits, time = lanes_to(wire), [], asyncio.get_running_loop().time
        for number in range(1, 11):
            waits.append(asyncio.ensure_future(lanes.write(a_contact(number))))
            await asyncio.sleep(20)
        wire.upserts.clear()
        wire.describes.clear()
        for number in range(20, 200):
            assert isinstance(await lanes.write(an_account(number)), Applied)
            await asyncio.sleep(20)
        assert not any(it.done() for it in waits)
        wire.barred.clear()
        assert applied(await asyncio.gather(*waits)) == 10
        return time()

    turns = simulate(story()) // 300

    assert len([it for it, _ in wire.upserts if it == "Contact"]) <= turns + 1
    assert wire.describes["Contact"] <= turns + 1


def test_an_object_that_the_org_hides_from_us_keeps_no_rows_of_others_waiting() -> None:
    wire = FakeWire(fields={name: it for name, it in FIELDS.items() if name != "Contact"})

    async def story() -> list[Answer]:
        lanes = lanes_to(wire)
        waits = asyncio.ensure_future(lanes.write(a_contact(1)))
        await asyncio.sleep(20)
        async with asyncio.timeout(HOUR):
            answers = await all_of(lanes, an_account(2), an_account(3))
        assert not waits.done()
        lanes.close()
        return answers

    assert applied(simulate(story())) == 2


@pytest.mark.parametrize("contacts", [1, 250])
def test_what_comes_while_the_org_rests_for_an_object_that_it_hides_goes_before_that_object(
    contacts: int,
) -> None:
    wire = FakeWire(fields={name: it for name, it in FIELDS.items() if name != "Contact"})

    async def story() -> float:
        lanes, time = lanes_to(wire), asyncio.get_running_loop().time
        waits = [asyncio.ensure_future(lanes.write(a_contact(number))) for number in range(contacts)]
        waited = 0.0
        for number in range(1_000, 1_010):
            await asyncio.sleep(5)
            came = time()
            async with asyncio.timeout(HOUR):
                assert isinstance(await lanes.write(an_account(number)), Applied)
            waited = max(waited, time() - came)
        assert not any(it.done() for it in waits)
        lanes.close()
        return waited

    assert simulate(story()) <= FIRST_FOR_PEOPLE + 1


def test_a_locked_row_does_not_wait_as_long_as_those_beside_it_that_lack_a_right() -> None:
    locked = a_failed_row("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")
    once = iter([[NO_RIGHT, locked]])
    wire = FakeWire(judge=lambda _, __: next(once, None))
    wire.barred.add("Contact")

    async def story() -> float:
        lanes, time = lanes_to(wire), asyncio.get_running_loop().time
        waits = [asyncio.ensure_future(lanes.write(a_contact(number))) for number in (1, 2)]
        assert isinstance(await waits[1], Applied)
        assert not waits[0].done()
        lanes.close()
        return time()

    assert simulate(story()) <= FIRST_FOR_PEOPLE + 1
