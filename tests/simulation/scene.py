"""One schedule: a FreshBooks that changes, webhooks that come late and twice, workers that die, an org."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from streams.codec import decode, encode
from streams.domain.command import Command, SObject
from streams.domain.event import Event, EventSource
from streams.domain.identity import ObjectKind
from streams.domain.message import Value
from streams.loop.claims import Overtaken
from streams.loop.contract import Stage
from streams.loop.envelope import address, headers
from streams.ports import Books, Rows, Settings
from streams.topics import Topic
from streams.topology import stages
from tests.builders.events import ACME, MORNING, an_event
from tests.builders.histories import Bookkeeper, Snap
from tests.builders.records import SETTINGS
from tests.fakes.books import FakeBooks
from tests.fakes.broker import BrokerSink
from tests.fakes.org import FakeOrg
from tests.simulation.chance import Chance
from tests.simulation.tidy import tidy
from tests.simulation.worker import Faults, NoisyBroker, Worker

MakeStages = Callable[[Books, Rows, Settings], Sequence[Stage]]
NOT_SO = "NOT_SO"
"""Why an org refuses a row in a schedule that is about that."""
V = TypeVar("V", bound=Value)
A_CLIENT = "p7rQW5:7"
"""External id of the one client of a schedule."""


@dataclass
class Scene:
    """The world of one seed."""

    seed: int
    make: MakeStages = stages
    deeds: int = 2
    crashes: int = 2
    partitions: int = 1
    late: bool = False
    """All takes longer, and workers freeze: what they had under way lands when others have written anew."""
    kafka: Callable[[int], NoisyBroker] = NoisyBroker
    puzzling: float = 0.3
    """How often a person must say which Account the client is."""
    buries: str = NOT_SO
    """The code of the only dead letters that there may be."""
    wrong: list[str] = field(default_factory=list)
    """What was seen on the way that must not be."""
    chance: Chance = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed)
        self.broker = self.kafka(self.partitions)
        self.books = FakeBooks(self._now, self._slow, self._slow)
        self.org = FakeOrg(self._slow, self._slow)
        self.keeper = Bookkeeper(self._changed, self.chance.randrange)
        if self.chance.happens(self.puzzling):
            self.org.undecided.add(A_CLIENT)
        self._sent = 0
        self._webhooks: list[asyncio.Task[None]] = []

    async def play(self) -> None:
        """Let it all happen, then let it heal."""
        changes = asyncio.create_task(self._change())
        for _ in range(self.chance.randrange(self.crashes + 1)):
            await self._work_until_it_ends_badly()
        worker = self._sound_worker()
        await changes
        worker = await self._quiet(worker)
        if self.chance.happens(0.1):
            self._lose_the_accounts()
            worker = await self._quiet(worker)
        await worker.crash()

    def values(self, topic: Topic, kind: type[V]) -> list[V]:
        """Return all that stands in a topic."""
        return [decode(kind, value) for _, value, _ in self.broker.topic(topic.name)]

    def sent(self) -> Sequence[Command]:
        """Return the commands that the org got, of which none may be older than one before it."""
        return self.org.written

    async def _change(self) -> None:
        self.keeper.client()
        if self.org.undecided:
            self._webhooks.append(asyncio.create_task(self._decide()))
        for _ in range(self.deeds):
            await self.chance.a_while(4 if self.late else 1)
            self.keeper.act()

    async def _decide(self) -> None:
        """A person says which Account the client is; nobody else does anything for what waits."""
        await asyncio.sleep(1 + self.chance.random() * (4 if self.late else 2))
        self.org.undecided.clear()
        decided = an_event(ObjectKind.CLIENT, 7, action="decided")
        self._event(decided.model_copy(update={"source": EventSource.MATCH, "id": "decided"}))

    def _changed(self, it: Snap) -> None:
        """FreshBooks has a new state; its webhook comes late, and perhaps twice."""
        self.books.put(ACME, it)
        for _ in range(2 if self.chance.happens(0.2) else 1):
            self._webhooks.append(asyncio.create_task(self._webhook(ObjectKind(it.kind), it.id)))

    async def _webhook(self, kind: ObjectKind, number: int) -> None:
        await self.chance.a_while(2)
        self._sent += 1
        self._event(an_event(kind, number, nth=self._sent))

    def _event(self, event: Event) -> None:
        topic, key = address(event)
        spot = (topic, BrokerSink(self.broker).partition(key))
        self.broker.append(spot, [(key, encode(event), headers(event))])

    def _lose_the_accounts(self) -> None:
        """A person deletes every Account, and all rows with it; later each object of FreshBooks changes."""
        for connection, sobject, external_id in [*self.org.rows]:
            self.org.forget(connection, SObject(sobject), external_id)
        self._change_all()

    def _change_all(self) -> None:
        """Let each object of FreshBooks change."""
        for it in [*self.keeper.objects.values()]:
            changed = it.model_copy(update={"organization": "New Name"} if it.kind == "client" else {})
            self.keeper.keep(changed)

    async def _work_until_it_ends_badly(self) -> None:
        refused_sends = 0.02 if self.chance.happens(0.3) else 0.0
        worker = self._worker(Faults(refused_sends=refused_sends, late=0.2 if self.late else 0.1))
        worker.start()
        if self.chance.happens(0.6):
            worker.light(fuse=1 + self.chance.randrange(25))
        with suppress(TimeoutError):
            longest = 4 if self.late else 2
            await asyncio.wait_for(asyncio.shield(worker.died), self.chance.random() * longest)
        ways = (worker.freeze,) if self.late else (worker.leave, worker.freeze, worker.crash)
        await self.chance.choice(ways)()

    def _worker(self, faults: Faults) -> Worker:
        return Worker(self.broker, self.make(self.books, self.org, SETTINGS), self.chance, faults)

    def _sound_worker(self) -> Worker:
        worker = self._worker(Faults(uncommitted=0))
        worker.start()
        return worker

    async def _quiet(self, worker: Worker) -> Worker:
        """Wait until every webhook came, and all that was read is committed; return who did it.

        A sound worker ends for one reason only: a dead one's records came late, between its own.
        """
        await asyncio.gather(*self._webhooks)
        async with asyncio.timeout(3600):
            while worker.lag:
                if worker.died.done():
                    assert isinstance(worker.died.result(), Overtaken), worker.died.result()
                    await worker.crash()
                    worker = self._sound_worker()
                await asyncio.sleep(0.2)
        return worker

    async def _slow(self, _: object) -> None:
        await self.chance.a_while(0.5)

    def _now(self) -> datetime:
        return MORNING + timedelta(seconds=asyncio.get_running_loop().time())


async def played(scene: Scene) -> Scene:
    """Play a scene and leave nothing of it behind in the event loop."""
    await tidy(scene.play())
    return scene
