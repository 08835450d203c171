"""One schedule in which a vendor of one connection falls silent for days, and workers die meanwhile."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from streams.codec import encode
from streams.domain.command import Command
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.loop.claims import Overtaken
from streams.loop.envelope import address, headers
from streams.topics import COMMANDS_ASIDE, EVENTS_ASIDE, RECORDS
from tests.builders.events import an_event
from tests.builders.histories import Bookkeeper, Snap, read_on
from tests.builders.records import A_CONNECTION
from tests.builders.shown import shown
from tests.fakes.books import Name
from tests.fakes.broker import BrokerSink
from tests.model import expected
from tests.simulation.aside_worker import AsideWorker
from tests.simulation.scene import Scene
from tests.simulation.verdict import committed_to_the_end, overwritten, unended
from tests.simulation.worker import Faults, Worker

NAMES = tuple(map(ConnectionName, ("north", "south", "west")))
SETTINGS = {name: A_CONNECTION.model_copy(update={"name": name}) for name in NAMES}
DAYS = 3 * 86_400.0
SOON = 240.0
"""Virtual seconds within which the others must be done; each crash costs them some."""


@dataclass
class Silence(Scene):
    """Connections of one partition; FreshBooks or Salesforce of the first does not answer until the end."""

    deeds: int = 4
    crashes: int = 3
    _speaks: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.org.undecided.clear()  # a person who says who is who has a scene of its own
        self.keepers = {
            name: Bookkeeper(partial(self._changed_at, name), self.chance.randrange) for name in NAMES
        }
        self.deaf_books, self.deaf_org = self.chance.choice(((True, False), (False, True), (True, True)))
        self.books.before, self.org.before = self._at_books, self._at_org

    async def play(self) -> None:
        changes = asyncio.create_task(self._change())
        for _ in range(self.chance.randrange(self.crashes + 1)):
            await self._work_until_it_ends_badly()
        worker = self._sound_worker()
        await changes
        await asyncio.gather(*self._webhooks)
        worker = await self._others_are_done(worker)
        await asyncio.sleep(self.chance.random() * DAYS)
        if self.chance.happens(0.5):
            worker = await self._worker_dies(worker)
            await asyncio.sleep(self.chance.random() * 3)
        self._speaks.set()
        for _ in range(self.chance.randrange(3)):
            self.keepers[NAMES[0]].act()
        for _ in range(self.chance.randrange(3)):
            await asyncio.sleep(self.chance.random())
            worker = await self._worker_dies(worker)
        worker = await self._all_is_done(worker)
        await worker.crash()

    def differences(self, name: ConnectionName) -> Iterator[str]:
        """Yield what is not as it must be in one connection's Salesforce."""
        rows = [(its, row) for its, row in self.org.rows.items() if its[0] == name]
        found = {(sobject.value, id_): shown(row) for (_, sobject, id_), row in rows}
        days = read_on(it for it in self.values(RECORDS, Record) if it.connection == name)
        for row_name, row in expected(self.keepers[name].objects.values(), days).items():
            wanted = {column: value for column, value in row.items() if value is not None}
            if found.get(row_name) != wanted:
                yield f"{name}: {row_name} should be {wanted}, is {found.get(row_name)}"

    def broken(self) -> Iterator[str]:
        """Yield the promises that were broken."""
        for name in NAMES:
            yield from self.differences(name)
        yield from overwritten(self.org.applied)
        yield from unended(self)
        yield from committed_to_the_end(self)
        if rows := self._aside():
            yield f"still aside: {rows}"

    async def _change(self) -> None:
        for keeper in self.keepers.values():
            keeper.client()
        for _ in range(self.deeds):
            await self.chance.a_while()
            for keeper in self.keepers.values():
                keeper.act()
        for _ in range(8):  # more than may be under way
            self.keepers[NAMES[0]].act()
            await self.chance.a_while(0.1)

    def _changed_at(self, name: ConnectionName, it: Snap) -> None:
        self.books.put(name, it)
        for _ in range(2 if self.chance.happens(0.2) else 1):
            self._webhooks.append(asyncio.create_task(self._webhook_of(name, ObjectKind(it.kind), it.id)))

    async def _webhook_of(self, name: ConnectionName, kind: ObjectKind, number: int) -> None:
        await self.chance.a_while(2)
        self._sent += 1
        event = an_event(kind, number, nth=self._sent, connection=name)
        topic, key = address(event)
        spot = (topic, BrokerSink(self.broker).partition(key))
        self.broker.append(spot, [(key, encode(event), headers(event))])

    def _worker(self, faults: Faults) -> AsideWorker:
        return AsideWorker(self.broker, self.make(self.books, self.org, SETTINGS), self.chance, faults)

    async def _at_books(self, name: Name) -> None:
        if self.deaf_books and name[0] == NAMES[0]:
            await self._speaks.wait()
        await self._slow(name)

    async def _at_org(self, command: Command) -> None:
        if self.deaf_org and command.connection == NAMES[0]:
            await self._speaks.wait()
        await self._slow(command)

    async def _others_are_done(self, worker: Worker) -> Worker:
        """Wait until all that belongs to the others is done, although the first is still silent."""
        async with asyncio.timeout(SOON):
            while any(difference for name in NAMES[1:] for difference in self.differences(name)):
                worker = await self._alive(worker)
        assert [*self.differences(NAMES[0])], "the silent one was not silent"
        return worker

    async def _all_is_done(self, worker: Worker) -> Worker:
        """Wait until nothing is left to do, and nobody is aside any more."""
        await asyncio.gather(*self._webhooks)
        async with asyncio.timeout(3600):
            while worker.lag or self._aside():
                worker = await self._alive(worker)
        return worker

    async def _alive(self, worker: Worker) -> Worker:
        """Let it work a moment. A sound worker ends when a dead one's records come late, between its own."""
        if worker.died.done():
            assert isinstance(worker.died.result(), Overtaken), worker.died.result()
            await worker.crash()
            worker = self._sound_worker()
        await asyncio.sleep(0.2)
        return worker

    async def _worker_dies(self, worker: Worker) -> Worker:
        await self.chance.choice((worker.leave, worker.freeze, worker.crash))()
        return self._sound_worker()

    def _aside(self) -> list[bytes]:
        tables = (EVENTS_ASIDE, COMMANDS_ASIDE)
        spots = [(table.changelog, number) for table in tables for number in range(self.partitions)]
        return [connection for spot in spots for connection in self.broker.table(spot)]
