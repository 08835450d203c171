"""Lanes over a fake wire, for tests in virtual time."""

import asyncio
from random import Random
from typing import Any

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.wire.wire import API, Request, Send
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.errors import Unreachable
from streams.domain.identity import ConnectionName
from streams.ports import Answer, Applied
from tests.builders.salesforce import ACME, a_connection, a_reply, an_account
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

Rows = list[dict[str, Any]]
LOST = Unreachable(API, "ServerDisconnectedError")
DOWN = a_reply(503, page="<html>down</html>")


class OneKey:
    """The same credentials for every connection."""

    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return "key", "secret"


def lanes_to(wire: Send, settings: dict[ConnectionName, Connection] | None = None, **given: Any) -> Lanes:
    return Lanes(settings or {ACME: a_connection()}, OneKey(), wire, chance=Random(7), **given)


async def all_of(lanes: Lanes, *commands: Command) -> list[Answer]:
    return await asyncio.gather(*(lanes.write(command) for command in commands))


def objects(wire: FakeWire) -> list[tuple[str, int]]:
    """Return each upsert's object and number of rows."""
    return [(sobject, len(records)) for sobject, records in wire.upserts]


async def a_fifth_of_a_second(_: Request) -> None:
    await asyncio.sleep(0.2)


def names(records: Rows) -> list[str]:
    return [record["FreshBooks_Client_Id__c"] for record in records]


def write_all(wire: FakeWire, count: int, **given: Any) -> tuple[list[Answer], float]:
    """Write `count` accounts; return their answers and how long it took."""

    async def story() -> tuple[list[Answer], float]:
        lanes = lanes_to(wire, **given)
        answers = await asyncio.gather(*(lanes.write(an_account(c)) for c in range(1, count + 1)))
        return list(answers), asyncio.get_running_loop().time()

    return simulate(story())


def applied(answers: list[Answer]) -> int:
    return sum(isinstance(answer, Applied) for answer in answers)
