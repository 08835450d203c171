"""Connections of one partition: they do not wait for each other, and one that is in the way goes aside."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from functools import partial

from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step
from streams.domain.event import Event
from streams.loop.burial import Burials
from streams.loop.contract import Delivery, Spot, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Limits, Surroundings, Turn
from streams.loop.pump import Pump
from streams.loop.takeover import Takeover
from streams.ports import State
from streams.topics import AUDIT, EVENTS, EVENTS_ASIDE, LEDGER
from tests.builders.traffic import an_event, noted
from tests.fakes.broker import Broker, BrokerSink, Reader
from tests.fakes.virtual_time import simulate

HERE: Spot = (EVENTS.name, 0)
ROWS: Spot = (EVENTS_ASIDE.changelog, 0)
ROOM = 8


class Asks:
    """Gets no answer for those who are silent."""

    def __init__(self, speaks: asyncio.Event, asked: list[str]) -> None:
        self.speaks, self.asked = speaks, asked

    async def ask(self, event: Event) -> None:
        self.asked.append(event.id)
        if event.connection == "silent":
            await self.speaks.wait()

    def __call__(self, event: Event, _answer: None) -> Iterator[AuditEntry]:
        yield noted(event)


class Slow(Asks):
    """Answers those who are silent one after the other, each a little sooner than patience ends."""

    def __init__(self, speaks: asyncio.Event, asked: list[str]) -> None:
        super().__init__(speaks, asked)
        self.lock = asyncio.Lock()

    async def ask(self, event: Event) -> None:
        self.asked.append(event.id)
        if event.connection == "silent":
            async with self.lock:
                await asyncio.sleep(0.8)


class FallsSilent(Asks):
    """Answers the first twelve."""

    async def ask(self, event: Event) -> None:
        if int(event.id) >= 12:
            await super().ask(event)


@dataclass
class Story:
    """A broker, and one pump after the other."""

    step: type[Asks] = Asks
    broker: Broker = field(default_factory=Broker)
    speaks: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    killed: list[BaseException] = field(default_factory=list)
    sent: int = 0
    away: bool = False
    """Whether Kafka lets nobody read again."""

    def send(self, *connections: str) -> None:
        for connection in connections:
            event = an_event(self.sent, connection=connection)
            self.broker.append(HERE, [(event.key.encode(), encode(event), ())])
            self.sent += 1

    def pump(self) -> Pump:
        """Return a started pump that takes over from whatever was before."""

        def make(_table: State) -> Asks:
            return self.step(self.speaks, self.asked)

        limits = Limits(linger=0.001, deliveries=ROOM, patience=1.0)
        around = Surroundings(
            BrokerSink(self.broker), self.killed.append, limits, self.again, self.turns.append
        )
        stage = Stage(Step.FETCH, EVENTS, make, (LEDGER,), aside=EVENTS_ASIDE)
        rows = Journal(self.broker.table(ROWS), ROWS)
        journal = Journal({}, (LEDGER.changelog, 0))
        rows.end = len(self.broker.logs[ROWS]) - 1
        begin, end = self.broker.committed[HERE], len(self.broker.logs[HERE])
        takeover = Takeover(0, begin, lambda: end, rows)
        pump = Pump(stage, [journal], Burials(), around, takeover)
        pump.start()
        return pump

    async def again(self, spot: Spot, offset: int) -> AsyncGenerator[Delivery, None]:
        if self.away:
            message = "Kafka is away"
            raise ConnectionError(message)
        for each in range(offset, len(self.broker.logs[spot])):
            await asyncio.sleep(0)
            yield self.broker.delivery(spot, each)

    async def read(self, pump: Pump, seconds: float = 30) -> None:
        """Let the pump read all there is, as far as it has room, and work for a while."""
        reading = asyncio.create_task(Reader(self.broker, HERE).feed(pump))
        await asyncio.sleep(seconds)
        reading.cancel()
        assert not self.killed, self.killed

    def said(self, connection: str) -> list[int]:
        entries = [decode(AuditEntry, value) for _, value, _ in self.broker.topic(AUDIT.name)]
        return [*dict.fromkeys(int(entry.cause) for entry in entries if entry.connection == connection)]

    @property
    def rows(self) -> dict[bytes, int]:
        return {key: int.from_bytes(row, "big") for key, row in self.broker.table(ROWS).items()}


def test_one_that_waits_for_its_vendor_holds_nobody_up_but_its_own() -> None:
    async def story() -> Story:
        it = Story()
        it.send("silent", "north", "north", "silent", "north")
        await it.read(it.pump(), seconds=0.5)
        return it

    it = simulate(story())

    assert (it.said("north"), it.said("silent")) == ([1, 2, 4], [])
    assert it.broker.committed[HERE] == 0
    assert not it.turns


def test_one_that_is_in_the_way_goes_aside_and_the_others_are_read_and_acknowledged() -> None:
    async def story() -> Story:
        it = Story()
        it.send(*["silent", "north"] * 20)
        await it.read(it.pump())
        return it

    it = simulate(story())

    assert it.said("north") == [*range(1, 40, 2)]
    assert it.broker.committed[HERE] == 40
    assert it.rows == {b"silent": 0}
    assert [(turn.connection, turn.back, turn.offset) for turn in it.turns] == [("silent", False, 0)]
    assert len([number for number in it.asked if int(number) % 2 == 0]) <= ROOM


def test_one_whose_vendor_answers_too_slowly_for_its_backlog_goes_aside_as_well() -> None:
    async def story() -> Story:
        it = Story(Slow)
        it.send(*["silent"] * 100, "north")
        await it.read(it.pump(), seconds=5)
        return it

    it = simulate(story())

    assert it.said("north") == [100]
    assert it.said("silent") == [*range(len(it.said("silent")))]
    assert [turn.back for turn in it.turns] == [False]


def test_one_that_falls_silent_while_its_successor_still_collects_holds_nobody_up() -> None:
    async def story() -> Story:
        it = Story(FallsSilent)
        it.send(*["silent"] * 24, *["north"] * 30)
        it.broker.append(ROWS, [(b"silent", (0).to_bytes(8, "big"), ())])
        pump, reader = it.pump(), Reader(it.broker, HERE)
        for offset in range(54):
            await pump.take(it.broker.delivery(HERE, offset), partial(reader.ack, offset))
            await asyncio.sleep(0.01)  # meanwhile it reads again, and catches up
        await asyncio.sleep(30)
        return it

    it = simulate(story())

    assert it.said("north") == [*range(24, 54)]
    assert it.broker.committed[HERE] == 54
    assert it.rows == {b"silent": 12}


def test_what_was_not_acknowledged_when_a_process_died_is_asked_by_the_next_and_in_order() -> None:
    async def story() -> Story:
        it = Story()
        it.send(*["silent", "north"] * 20)
        first = it.pump()
        await it.read(first)
        first.stop()
        it.speaks.set()
        await it.read(it.pump())
        return it

    it = simulate(story())

    assert it.said("silent") == [*range(0, 40, 2)]
    assert it.rows == {}
    assert [turn.back for turn in it.turns] == [False, False, True]


def test_when_its_vendor_answers_it_catches_up_and_is_one_of_all_again() -> None:
    async def story() -> Story:
        it = Story()
        it.send(*["silent", "north"] * 20)
        pump = it.pump()
        await it.read(pump)
        it.speaks.set()
        await asyncio.sleep(5)
        it.send("silent")
        await it.read(pump)
        assert not pump.asides
        return it

    it = simulate(story())

    assert it.said("silent") == [*range(0, 40, 2), 40]
    assert it.rows == {}
    assert it.broker.committed[HERE] == 41


def test_offsets_that_were_set_back_take_the_one_aside_back_with_them() -> None:
    async def story() -> Story:
        it = Story()
        it.speaks.set()
        it.send("silent", "silent", "north")
        done = it.pump()
        await it.read(done)
        await done.drain(1)
        it.speaks.clear()
        it.send(*["silent", "north"] * 20)
        aside = it.pump()
        await it.read(aside)
        aside.stop()
        assert it.rows == {b"silent": 3}
        it.broker.committed[HERE] = 0
        it.asked.clear()
        it.speaks.set()
        await it.read(it.pump())
        return it

    it = simulate(story())

    assert [number for number in map(int, it.asked) if number in {0, 1}] == [0, 1]
    assert it.rows == {}
    assert it.broker.committed[HERE] == 43


def test_a_drain_leaves_the_row_to_the_next_owner() -> None:
    async def story() -> Story:
        it = Story()
        it.send(*["silent", "north"] * 20)
        pump = it.pump()
        await it.read(pump)
        await pump.drain(0.1)
        assert pump.held == 0
        return it

    assert simulate(story()).rows == {b"silent": 0}


def test_a_partition_that_cannot_be_read_again_ends_the_process() -> None:
    async def story() -> Story:
        it = Story()
        it.send(*["silent", "north"] * 20)
        first = it.pump()
        await it.read(first)
        first.stop()
        it.away = True
        it.pump()
        await asyncio.sleep(1)
        return it

    assert [str(why) for why in simulate(story()).killed] == ["Kafka is away"]
