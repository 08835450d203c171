"""Salesforce as deliver needs it (streams.ports.Rows): every org has its lanes, none waits for another's."""

from asyncio import Future, get_running_loop
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final

from app.log_ins import LogIns
from app.salesforce.api.auth import Credentials, Door, Told, untold
from app.salesforce.api.client import Client
from app.salesforce.calls.budget import Budget
from app.salesforce.calls.meter import Meter, Unmetered
from app.salesforce.found import Accounts, Finder, Invoices, Lines, Orders
from app.salesforce.lanes.org import Org
from app.salesforce.lanes.pace import Pace
from app.salesforce.lanes.quiet import Quiet
from app.salesforce.lanes.road import Road
from app.salesforce.lanes.width import MOST, Width
from app.salesforce.wire.transport import transport
from app.salesforce.wire.wire import Send
from streams.domain.command import Command, SObject
from streams.domain.identity import ConnectionName
from streams.ports import Answer, Rejected, Settings

UNMETERED: Final = Unmetered()


class Lanes:
    """The lanes of all orgs; a client's rows are never in two at once."""

    def __init__(  # noqa: PLR0913 - the composition root names every part
        self,
        settings: Settings,
        credentials: Credentials,
        send: Send,
        *,
        chance: Random,
        allow_http: bool = False,
        pace: Pace = Pace(),  # noqa: B008 - frozen
        lanes_per_org: int = MOST,
        meter: Meter = UNMETERED,
        told: Told = untold,
        log_ins: LogIns | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._send = send
        self._chance = chance
        self._allow_http = allow_http
        self._pace = pace
        self._lanes_per_org = lanes_per_org
        self._meter, self._told, self._log_ins = meter, told, log_ins or LogIns()
        self._roads: dict[ConnectionName, Road] = {}
        self._orgs: dict[ConnectionName, Org] = {}

    def write(self, command: Command) -> Coroutine[Any, Any, Answer]:
        """Put the command's row on its way at once; what is returned brings Salesforce's answer.

        So rows leave in the order of the calls, whatever the order in which they are awaited.
        """
        return _awaited(self.put(command))

    def introduce(self, command: Command) -> Coroutine[Any, Any, Answer]:
        """Put the row of a new Account on its way without a look at what the org has (see `matching`)."""
        return self.write(command)

    def put(self, command: Command) -> Future[Answer]:
        """Put the command's row on its way; the future brings Salesforce's answer."""
        if not command.external_id.strip():
            refused: Future[Answer] = get_running_loop().create_future()
            refused.set_result(Rejected("blank-external-id", "the row has no external id", "report it"))
            return refused
        road = self._roads.get(command.connection) or self._open(command.connection)
        return road.put(command)

    def forget(self) -> None:
        """Trust no memory of delivered rows: partitions have moved, and others may have written them."""
        for road in self._roads.values():
            road.forget()

    def close(self) -> None:
        """Send no more; rows on the wire have an unknown outcome and are sent again by their next owner."""
        for road in self._roads.values():
            road.close()

    def _open(self, connection: ConnectionName) -> Road:
        road = Road(self.org(connection), self._pace, Width(self._lanes_per_org))
        self._roads[connection] = road
        return road

    def org(self, connection: ConnectionName) -> Org:
        """Return the org that all who call it for the connection share: one rest, one budget."""
        org = self._orgs.get(connection)
        if org is None:
            client = self.client(connection)
            found: dict[SObject, Finder] = {
                SObject.ORDER: Orders(client),
                SObject.INVOICE: Invoices(client),
                SObject.ACCOUNT: Accounts(client),
                SObject.LINES: Lines(client),
            }
            org = self._orgs[connection] = Org(client, Quiet(self._chance), found)
        return org

    def client(self, connection: ConnectionName) -> Client:
        """Return a client of the connection's org, with a session and a budget of its own."""
        door = Door(
            connection,
            self._settings,
            self._credentials,
            self._send,
            allow_http=self._allow_http,
            told=self._told,
            log_ins=self._log_ins,
        )
        return Client(connection, self._settings, door, self._send, Budget(), self._meter)


async def _awaited(answer: Future[Answer]) -> Answer:
    return await answer


@asynccontextmanager
async def salesforce_rows(  # noqa: PLR0913 - the composition root names every part
    settings: Settings,
    credentials: Credentials,
    *,
    allow_http: bool = False,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    meter: Meter = UNMETERED,
    fence: Callable[[], object] = lambda: None,
    told: Told = untold,
    log_ins: LogIns | None = None,
) -> AsyncIterator[Lanes]:
    """Open Salesforce for deliver over real HTTP; on leaving, connections and senders are closed.

    `fence` is called right before every request goes out. It ends the process when the clients may be
    another worker's by now: what waited here is older than what that one has written.
    """
    chance = Random()  # noqa: S311 - jitter needs no secrecy
    async with transport(fence=fence) as send:
        lanes = Lanes(
            settings,
            credentials,
            send,
            chance=chance,
            allow_http=allow_http,
            pace=pace,
            meter=meter,
            told=told,
            log_ins=log_ins,
        )
        try:
            yield lanes
        finally:
            lanes.close()
