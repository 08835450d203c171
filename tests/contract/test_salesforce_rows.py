"""What deliver may rely on: the same of the org in memory, over HTTP, and (`-m live`) of a real one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.salesforce.api import soql
from app.salesforce.lanes.lanes import Lanes
from streams.domain.command import Figure, SObject
from streams.ports import Applied, ParentMissing, Rejected, Rows
from tests.builders.salesforce import ACME, KEYS, a_command, a_contact, an_account, an_opportunity
from tests.builders.salesforce_live import OwnRows, live_org
from tests.builders.salesforce_org import joined_org
from tests.fakes.org import FakeOrg


@dataclass
class World:
    """Some Salesforce: a way in, and a look at some fields of a row by external id."""

    rows: Rows
    look: Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture(params=["memory", "http", pytest.param("live", marks=pytest.mark.live)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    match request.param:
        case "memory":
            yield in_memory(FakeOrg())
        case "http":
            async with joined_org() as joined:
                yield over_http(joined.lanes)
        case _:
            async with live_org() as lanes:
                own = OwnRows(lanes)
                seen = over_http(lanes)
                yield World(own, lambda sobject, key, *names: seen.look(sobject, own.named(key), *names))


def in_memory(fake: FakeOrg) -> World:
    async def look(sobject: SObject, key: str, *names: str) -> dict[str, Any]:
        row = fake.rows[ACME, sobject, key]
        return {name: row.get(name) for name in names}

    return World(fake, look)


def over_http(lanes: Lanes) -> World:
    async def look(sobject: SObject, key: str, *names: str) -> dict[str, Any]:
        asked = soql.select(", ".join(names), sobject.value, f"{KEYS[sobject]} = '{key}'")
        (row,) = [row async for row in lanes.client(ACME).query(asked)]
        return {name: row[name] for name in names}

    return World(lanes, look)


async def test_a_row_is_made_once_and_then_changed(world: World) -> None:
    first = await world.rows.write(an_account(1, "Maple", version=1))
    second = await world.rows.write(an_account(1, "Maple & Sons", version=2))

    assert isinstance(first, Applied)
    assert isinstance(second, Applied)
    assert (first.created, second.created) == (True, False)
    assert first.salesforce_id == second.salesforce_id
    assert await world.look(SObject.ACCOUNT, "ACC1:1", "Name") == {"Name": "Maple & Sons"}


async def test_a_contact_whose_e_mail_is_none_is_written_without_it() -> None:
    async with joined_org() as joined:
        await joined.lanes.write(an_account(1))
        given = a_contact(1, 1)
        answer = await joined.lanes.write(
            given.model_copy(update={"fields": given.fields | {"Email": "gob"}})
        )

        assert isinstance(answer, Applied)
        assert answer.notes == ("Email: left out, no e-mail address that Salesforce takes",)


async def test_none_clears_a_field_and_an_absent_field_is_left_alone(world: World) -> None:
    await world.rows.write(a_command(version=1, fields={"Name": "x", "Phone": "1", "Fax": "2"}))

    await world.rows.write(a_command(version=2, fields={"Name": "x", "Phone": None}))

    assert await world.look(SObject.ACCOUNT, "ACC1:1", "Phone", "Fax") == {"Phone": None, "Fax": "2"}


async def test_a_child_finds_its_parent_by_external_id(world: World) -> None:
    answers = await asyncio.gather(
        *(world.rows.write(row) for row in (an_account(1), an_opportunity(10, 1), a_contact(5, 1)))
    )

    assert all(isinstance(answer, Applied) for answer in answers)


async def test_a_child_without_its_parent_waits_for_nothing_and_says_so(world: World) -> None:
    answer = await world.rows.write(an_opportunity(10, 1))

    assert isinstance(answer, ParentMissing)
    assert answer.code == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("sobject", "absent"),
    [(SObject.ACCOUNT, "Name"), (SObject.CONTACT, "LastName"), (SObject.OPPORTUNITY, "StageName")],
)
async def test_a_row_without_a_required_field_is_refused_by_name(
    world: World, sobject: SObject, absent: str
) -> None:
    whole = {
        SObject.ACCOUNT: an_account(),
        SObject.CONTACT: a_contact(),
        SObject.OPPORTUNITY: an_opportunity(),
    }
    await world.rows.write(an_account())
    fields = {name: value for name, value in whole[sobject].fields.items() if name != absent}

    answer = await world.rows.write(a_command(sobject, "ACC1:99", fields=fields))

    assert isinstance(answer, Rejected)
    assert (answer.code, answer.fields) == ("REQUIRED_FIELD_MISSING", (absent,))
    assert answer.mend


async def test_a_blank_external_id_is_refused(world: World) -> None:
    answer = await world.rows.write(a_command(external_id=""))

    assert isinstance(answer, Rejected)
    assert answer.code == "blank-external-id"


async def test_the_states_of_a_row_end_in_the_newest(world: World) -> None:
    await asyncio.gather(*(world.rows.write(an_account(1, f"state {v}", version=v)) for v in range(1, 30)))

    assert await world.look(SObject.ACCOUNT, "ACC1:1", "Name") == {"Name": "state 29"}


async def test_money_arrives_to_the_cent(world: World) -> None:
    await world.rows.write(an_account(1))
    await world.rows.write(an_opportunity(10, 1, "1234567890123.45"))

    amount = (await world.look(SObject.OPPORTUNITY, "ACC1:10", "Amount"))["Amount"]
    assert str(amount.figure if isinstance(amount, Figure) else amount) == "1234567890123.45"
