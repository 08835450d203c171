"""A worker process of the simulation: the real steps in the real loop, around a broker in memory."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.worker.stores import Rows
from streams.loop.burial import Burials
from streams.loop.claims import Overtaken
from streams.loop.contract import Sendable, Spot, Stage
from streams.loop.holding import Holding, take_over
from streams.loop.journal import Journal
from streams.loop.limits import Limits, Surroundings
from streams.loop.pump import Pump
from streams.loop.takeover import Takeover
from streams.ports import State
from streams.topics import COMMANDS, EVENTS, RECORDS, Table
from tests.fakes.broker import Broker, BrokerLog, BrokerSink
from tests.simulation.chance import Chance

READ = {EVENTS.name, RECORDS.name, COMMANDS.name}


@dataclass
class NoisyBroker(Broker):
    """A broker that wakes up whoever waits for more, and may blow a fuse right after an append."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    fuse: int = -1
    blow: Callable[[], object] = int

    def append(self, spot: Spot, records: Sequence[Sendable]) -> int:
        last = super().append(spot, records)
        if spot[0] in READ:
            self.news.set()
        self.fuse -= 1
        if not self.fuse:
            self.blow()
        return last


@dataclass
class TearingSink(BrokerSink):
    """A way into the broker that may be cut in the middle of a window, between two records of a spot."""

    chance: Chance = field(default_factory=Chance)
    late: float = 0.1
    _under_way: "set[asyncio.Task[object]]" = field(default_factory=set)

    def cut(self) -> None:
        for task in self._under_way:
            task.cancel()

    async def _write(self, spot: Spot, records: list[Sendable], before: "asyncio.Task[int] | None") -> int:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        if self.chance.happens(self.late):  # so late that, should the worker freeze, others work by then
            await asyncio.sleep(self.chance.random() * 2)
        at = self.chance.randrange(len(records)) if self.chance.happens(0.3) else 0
        if at:
            await BrokerSink._write(self, spot, records[:at], before)
            before = None
        return await BrokerSink._write(self, spot, records[at:], before)


@dataclass
class Faults:
    """What goes wrong, and how often."""

    refused_sends: float = 0.0
    uncommitted: float = 0.3
    """How often an acknowledged message is not yet committed when the next thing happens."""
    late: float = 0.1
    """How often records reach the broker seconds later; their worker may be gone by then."""


class Refused(ConnectionError):
    """The broker took the records no more."""


class Killed(Exception):
    """The process was killed between two appends."""


class Worker:
    """One process with all partitions; it may crash, and then another one takes over from the commits."""

    def __init__(self, broker: NoisyBroker, stages: Sequence[Stage], chance: Chance, faults: Faults) -> None:
        self.broker, self.chance, self.faults = broker, chance, faults
        self.died: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self.sink = TearingSink(broker, self._delay, chance=chance, late=faults.late)
        self.zombie = False
        self._reached: dict[Spot, int] = {}
        self._around = self._surroundings(Limits(linger=chance.choice((0.001, 0.05)), window=8))
        self._homes = {
            (stage.reads.name, partition): (stage, self._holdings(stage, partition))
            for stage in stages
            for partition in range(broker.partitions)
        }
        self._pumps: dict[Spot, Pump] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def light(self, fuse: int) -> None:
        """Die right after so many appends: what was sent along with the last of them never arrives."""
        self.broker.fuse, self.broker.blow = fuse, self._blow

    def _blow(self) -> None:
        self.sink.cut()
        self._die(Killed())

    def start(self) -> None:
        self._tasks.append(asyncio.create_task(self._begin(self.broker.join())))

    async def _begin(self, generation: int) -> None:
        """Take all tables over, then work."""
        try:
            for _, holdings in self._homes.values():
                log = BrokerLog(self.broker, holdings, lambda: self.chance.a_while(0.05))
                await take_over(holdings, log, self.sink, generation)
        except (Overtaken, ConnectionError) as why:
            self._die(why)
            return
        backwards = reversed(self._homes.items())  # deliver is there before translate, which sees it
        for spot, (stage, holdings) in backwards:
            self._pumps[spot] = self._pump(stage, spot, [it.journal for it in holdings])
        for spot in self._homes:
            self._pumps[spot].start()
            self._tasks.append(asyncio.create_task(self._follow(spot, self._pumps[spot])))

    async def crash(self) -> None:
        """Be gone, at once; what has not reached the broker never will."""
        self.sink.cut()
        await self._end()

    async def freeze(self) -> None:
        """Be gone, but let what is on its way arrive, though others work by then: a zombie's last words."""
        self.zombie = True
        await self._end()

    async def leave(self) -> None:
        """Give the partitions back in good order."""
        for task in self._tasks:
            task.cancel()
        grace = self.chance.random()
        drained = asyncio.create_task(self._drain(grace))
        self.died.add_done_callback(lambda _: drained.cancel())
        await asyncio.wait({drained})
        if not self.died.done():
            self.commit_all()
        await self.crash()

    async def _drain(self, grace: float) -> None:
        await asyncio.gather(*(pump.drain(grace) for pump in self._pumps.values()))

    def commit_all(self) -> None:
        for spot in self._pumps:
            self._commit(spot)

    def table(self, table: Table, partition: int) -> State:
        """Return a partition of a table as this process has it, durable or not."""
        held = (each for _, its in self._homes.values() for each in its)
        return next(it.journal for it in held if it.journal.changelog == (table.changelog, partition))

    @property
    def lag(self) -> int:
        return sum(
            len(self.broker.logs[spot]) - self._reached.get(spot, self.broker.committed[spot])
            for spot in self._homes
        )

    async def _end(self) -> None:
        self.broker.fuse = -1
        for pump in self._pumps.values():
            pump.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _holdings(self, stage: Stage, partition: int) -> list[Holding]:
        stores = [(Rows(), (table.changelog, partition)) for table in self._tables(stage)]
        return [Holding(store, store.load, spot) for store, spot in stores]

    def _surroundings(self, limits: Limits) -> Surroundings:
        return Surroundings(self.sink, self._die, limits)

    def _tables(self, stage: Stage) -> Sequence[Table]:
        return stage.tables

    def _pump(self, stage: Stage, spot: Spot, journals: Sequence[Journal]) -> Pump:
        return Pump(stage, journals, Burials(), self._around, self._takeover(stage, spot))

    def _takeover(self, stage: Stage, spot: Spot) -> Takeover:
        """Return where a pump begins; nothing that was handled is known by it."""
        del stage
        return Takeover(spot[1], self.broker.committed[spot])

    def _knowing(self, stage: Stage, spot: Spot) -> Takeover:
        """Return where a pump begins that knows where its log ends, and what the next step is done with."""
        ahead = self._pumps[COMMANDS.name, spot[1]] if stage.ahead else None
        end = len(self.broker.logs[spot])
        return Takeover(spot[1], self.broker.committed[spot], lambda: end, ahead=ahead)

    async def _follow(self, spot: Spot, pump: Pump) -> None:
        offset = self.broker.committed[spot]
        while True:
            while offset < len(self.broker.logs[spot]):
                await pump.take(self.broker.delivery(spot, offset), self._done(spot, offset))
                offset += 1
            self.broker.news.clear()
            await self.broker.news.wait()

    def _done(self, spot: Spot, offset: int) -> "_Done":
        return _Done(self, spot, offset)

    def acknowledged(self, spot: Spot, offset: int) -> None:
        assert offset == self._reached.get(spot, self.broker.committed[spot]), "out of order"
        self._reached[spot] = offset + 1
        if not self.chance.happens(self.faults.uncommitted):
            self._commit(spot)

    def _commit(self, spot: Spot) -> None:
        if not self.zombie and spot in self._reached:
            self.broker.committed[spot] = self._reached[spot]

    def _die(self, why: BaseException) -> None:
        if not self.died.done():
            self.died.set_result(why)

    def _delay(self, spot: Spot) -> float:
        if self.chance.happens(self.faults.refused_sends):
            message = f"{spot[0]} takes nothing"
            raise Refused(message)
        return self.chance.random() * 0.05 if self.chance.happens(0.5) else 0.0


@dataclass(frozen=True, slots=True)
class _Done:
    worker: Worker
    spot: Spot
    offset: int

    def __call__(self) -> None:
        self.worker.acknowledged(self.spot, self.offset)
