"""The stage of `bench deliver`: orgs in a process of their own, rows to write, and a load that never ends."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import linear_regression
from time import perf_counter
from typing import Any, Final

import aiohttp
import orjson

from app.bench.contenders import LOAD_CPU, TEST_CPU
from app.bench.deliver_org import KEY
from app.salesforce.lanes.lanes import Lanes, salesforce_rows
from streams.domain.command import Command, Field, SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, CommandId, ConnectionName, RecordId, digest
from streams.domain.made import made

ACME: Final = ConnectionName("acme")
OTHER: Final = ConnectionName("other")
MONDAY: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
OUTSTANDING: Final = 4_000
"""Rows under way at a time: what the loop of a busy worker reads ahead."""

Put = Callable[[Command], "asyncio.Future[Any]"]


@dataclass(frozen=True, slots=True)
class Place:
    """An org: where it listens, the credentials that it takes, and the process that is it."""

    url: str
    key: tuple[str, str]
    pid: int


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials of the orgs that are joined."""

    places: Mapping[ConnectionName, Place]

    async def salesforce(self, connection: ConnectionName, _: str) -> tuple[str, str]:
        """Return those of one connection."""
        return self.places[connection].key


@contextmanager
def orgs(latencies: Sequence[float]) -> Iterator[list[Place]]:
    """Run the sandbox and an org per latency on the core of the load, with us on the other one, if any."""
    command = [sys.executable, "-m", "app.bench.deliver_org", *map(str, latencies)]
    cores = os.sched_getaffinity(0)
    apart = {LOAD_CPU, TEST_CPU} <= cores
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own module
        try:
            if apart:
                os.sched_setaffinity(process.pid, {LOAD_CPU})
                os.sched_setaffinity(0, {TEST_CPU})
            assert process.stdout is not None
            told = orjson.loads(process.stdout.readline())
            yield [Place(it["url"], (it["key"][0], it["key"][1]), process.pid) for it in told]
        finally:
            os.sched_setaffinity(0, cores)
            process.kill()


@asynccontextmanager
async def ours(place: Place, other: Place | None = None) -> AsyncIterator[Lanes]:
    """Open our lanes to an org, and to another one."""
    places = {ACME: place} | ({OTHER: other} if other else {})
    settings = {
        name: Connection(name=name, salesforce_domain=it.url, api_share=1.0) for name, it in places.items()
    }
    async with salesforce_rows(settings, Keys(places), allow_http=True) as lanes:
        yield lanes


@asynccontextmanager
async def a_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open what the peers call through."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield session


async def calls(place: Place) -> dict[str, int]:
    """Return how many calls of each kind an org that does no work has taken."""
    async with a_session() as session, session.get(f"{place.url}/calls") as reply:
        counted: dict[str, int] = orjson.loads(await reply.read())
        return counted


def accounts(
    count: int, *, first: int = 1, version: int = 1, connection: ConnectionName = ACME
) -> list[Command]:
    """Return the states of so many Accounts, as the mapping writes them."""
    return [an_account(client, version, connection) for client in range(first, first + count)]


def an_account(client: int, version: int, connection: ConnectionName = ACME) -> Command:
    """Return one state of an Account."""
    fields: dict[str, Field] = {
        "Name": f"Maple & Sons No. {client}",
        "Phone": f"+1 416 555 {client % 10_000:04d}",
        "BillingStreet": f"{client} Queen Street West",
        "BillingCity": "Toronto",
        "BillingPostalCode": "M5V 2A8",
        "BillingCountry": "Canada",
        "FreshBooks_Email__c": f"office{client}@maple.example",
        "FreshBooks_Payment_Status__c": "partial",
        "FreshBooks_Outstanding__c": f"CAD {version}.00",
        "FreshBooks_Paid__c": "CAD 12.50",
    }
    return made(
        Command,
        id=CommandId(digest(connection, str(client), str(version))),
        connection=connection,
        client=ClientId(client),
        sobject=SObject.ACCOUNT,
        external_id_field=KEY,
        external_id=f"sBx7Qk:{client}",
        version=version,
        content=digest(repr(fields)),
        mapping="bench",
        cause=RecordId("bench"),
        read_at=MONDAY,
        fields=fields,
    )


@dataclass(slots=True)
class Load:
    """Keeps rows under way: when one is done the next is put."""

    put: Put
    rows: Iterator[Command]
    done: list[float] = field(default_factory=list)
    """When each was done."""
    _out: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def all(cls, put: Put, rows: Iterable[Command], outstanding: int = OUTSTANDING) -> "Load":
        """Write all `rows` and return when each was done."""
        load = cls(put, iter(rows))
        for _ in range(outstanding):
            load._next()
        if load._out:
            await load._over.wait()
        return load

    def _next(self) -> None:
        if (command := next(self.rows, None)) is not None:
            self._out += 1
            self.put(command).add_done_callback(self._done)

    def _done(self, answer: "asyncio.Future[Any]") -> None:
        answer.result()
        self.done.append(perf_counter())
        self._out -= 1
        self._next()
        if not self._out:
            self._over.set()


def rate_after(done: Sequence[float], seconds: float) -> float:
    """Return the rows per second once so many seconds have passed since the first were done.

    Rows come in batches, of several lanes at once or by turns: the line through all is right for both.
    """
    steady = [moment for moment in done if moment >= done[0] + seconds]
    return linear_regression(steady, range(len(steady))).slope


def quantile(times: Sequence[float], share: float) -> float:
    """Return the time within which `share` of all were done."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]
