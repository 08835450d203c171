"""One partition, one step, one pump on a broker in memory, and what killed it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.kafka.partition import partition_of
from streams.codec import decode
from streams.domain.audit import AuditEntry, Step
from streams.domain.event import Event
from streams.domain.message import Value
from streams.loop.burial import Burials
from streams.loop.contract import Spot, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Limits, Surroundings
from streams.loop.pump import Pump
from streams.ports import State
from streams.topics import AUDIT, EVENTS, LEDGER, Topic
from tests.builders.traffic import noted
from tests.fakes.broker import Broker, BrokerSink, Delay, Reader, at_once

HERE: Spot = (EVENTS.name, 0)
SAID: Spot = (AUDIT.name, partition_of(b"north", 4))


@dataclass
class Scene:
    """One partition, one step, one pump, and what killed it."""

    make: Callable[..., Any]
    delay: Delay = at_once
    limits: Limits = field(default_factory=lambda: Limits(linger=0.001))
    burials: Burials = field(default_factory=Burials)
    broker: Broker = field(default_factory=Broker)
    killed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: dict[bytes, bytes] = {}
        self.journal = Journal(self.store, (LEDGER.changelog, 0))
        self.sink = BrokerSink(self.broker, self.delay)
        self.stage = Stage(Step.TRANSLATE, EVENTS, self.make, (LEDGER,))
        self.pump = self.a_pump()
        self.reader = Reader(self.broker, HERE)

    def a_pump(self, reads: Topic = EVENTS) -> Pump:
        stage = Stage(self.stage.step, reads, self.make, (LEDGER,))
        around = Surroundings(self.sink, self.killed.append, self.limits)
        return Pump(stage, [self.journal], self.burials, around)

    def send(self, *events: Value | bytes) -> None:
        for event in events:
            raw = event if isinstance(event, bytes) else event.model_dump_json().encode()
            self.broker.append(HERE, [(b"north:invoice:7", raw, ())])

    async def run(self, seconds: float = 2) -> None:
        """Read all there is, until it is settled or the pump is dead."""
        self.pump.start()
        async with asyncio.timeout(seconds):
            await self.reader.feed(self.pump)
            while self.pump.held and not self.killed:  # noqa: ASYNC110  # the pump has no need to tell
                await asyncio.sleep(0.001)
        self.pump.stop()

    @property
    def committed(self) -> int:
        return self.broker.committed[HERE]

    def said(self) -> list[str]:
        return [decode(AuditEntry, value).cause for _, value, _ in self.broker.topic(AUDIT.name)]


def say(_table: State) -> Callable[[Event], Iterator[Value]]:
    return lambda event: iter([noted(event)])


def says_but(fails: dict[str, BaseException]) -> Callable[[State], Callable[[Event], Iterator[Value]]]:
    def make(table: State) -> Callable[[Event], Iterator[Value]]:
        def step(event: Event) -> Iterator[Value]:
            table[event.id.encode()] = b"touched"
            yield noted(event)
            if event.id in fails:
                raise fails[event.id]

        return step

    return make
