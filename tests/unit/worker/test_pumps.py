"""The pumps of a worker while partitions come and go."""

import asyncio
from collections.abc import AsyncGenerator, Iterator

import pytest

from app.process.fail import FailStop
from app.worker.pumps import LAST_GRACE, Pumps
from app.worker.stores import Partitions, Rows
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step
from streams.domain.event import Event
from streams.loop.contract import Delivery, Spot, Stage
from streams.loop.limits import Limits, Surroundings
from streams.ports import State
from streams.topics import AUDIT, EVENTS, EVENTS_ASIDE, LEDGER
from tests.builders.traffic import Count, an_event, noted
from tests.fakes.broker import Broker, BrokerSink

HERE: Spot = (EVENTS.name, 0)


class Died(Exception):
    """Stands for the end of the process."""


def die(why: BaseException) -> None:
    raise Died from why


class Slow:
    """Gets its answer after a while."""

    def __init__(self, _table: State, seconds: float) -> None:
        self.seconds = seconds

    async def ask(self, _event: Event) -> None:
        await asyncio.sleep(self.seconds)

    def __call__(self, event: Event, _answer: None) -> Iterator[AuditEntry]:
        yield noted(event)


def some_pumps(broker: Broker, stage: Stage) -> Pumps:
    table = Partitions(LEDGER, Rows)
    table.come(0)
    return Pumps([stage], {LEDGER: table}, Surroundings(BrokerSink(broker), die, Limits(linger=0.001)))


def counting() -> Stage:
    return Stage(Step.TRANSLATE, EVENTS, lambda table: Count(table, 1), (LEDGER,))


async def test_while_partitions_move_deliveries_are_left_to_be_read_again() -> None:
    broker, done = Broker(), list[int]()
    broker.append(HERE, [(b"north:invoice:7", encode(an_event(number)), ()) for number in range(3)])
    stage = counting()
    pumps = some_pumps(broker, stage)

    for offset in range(3):
        if offset == 1:
            pumps.resume()
        if offset == 2:
            await pumps.drain()
        await pumps.take(stage, broker.delivery(HERE, offset), lambda offset=offset: done.append(offset))  # type: ignore[misc]

    assert done == [1]
    assert pumps.held == 0
    assert len(broker.topic(AUDIT.name)) == 1


async def test_a_partition_whose_table_is_elsewhere_is_not_worked_on() -> None:
    broker, stage = Broker(), counting()
    broker.append((EVENTS.name, 1), [(b"k", encode(an_event()), ())])
    pumps = some_pumps(broker, stage)
    pumps.resume()

    with pytest.raises(KeyError):
        await pumps.take(stage, broker.delivery((EVENTS.name, 1), 0), lambda: None)


@pytest.mark.parametrize(("last", "done"), [(False, 0), (True, 1)])
async def test_an_ending_process_waits_longer_for_answers_than_a_rebalance(last: bool, done: int) -> None:  # noqa: FBT001
    broker = Broker()
    broker.append(HERE, [(b"north:invoice:7", encode(an_event()), ())])
    stage = Stage(Step.TRANSLATE, EVENTS, lambda table: Slow(table, 0.2), (LEDGER,), grace=0.01)
    pumps = some_pumps(broker, stage)
    pumps.resume()
    await pumps.take(stage, broker.delivery(HERE, 0), lambda: None)

    await pumps.drain(last=last)

    assert len(broker.topic(AUDIT.name)) == done
    assert max(LAST_GRACE) < 9


def test_no_failure_escapes_from_an_agent() -> None:
    with pytest.raises(Died), FailStop(die):
        raise KeyError


async def test_to_be_cancelled_is_no_failure() -> None:
    async def agent() -> None:
        with FailStop(die):
            await asyncio.sleep(60)

    task = asyncio.create_task(agent())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_connection_that_is_aside_is_read_again_before_any_delivery_comes() -> None:
    async def again(spot: Spot, offset: int) -> AsyncGenerator[Delivery, None]:
        for each in range(offset, len(broker.logs[spot])):
            yield broker.delivery(spot, each)

    broker = Broker()
    broker.append(HERE, [(b"north:invoice:7", encode(an_event()), ())])
    broker.committed[HERE] = 1
    tables = {table: Partitions(table, Rows) for table in (LEDGER, EVENTS_ASIDE)}
    for held in tables.values():
        held.come(0)
    tables[EVENTS_ASIDE].journal(0).store[b"north"] = (0).to_bytes(8, "big")
    stage = Stage(Step.FETCH, EVENTS, lambda table: Slow(table, 0), (LEDGER,), aside=EVENTS_ASIDE)
    around = Surroundings(BrokerSink(broker), die, Limits(linger=0.001), again)
    pumps = Pumps([stage], tables, around)
    pumps.begin_of = lambda _topic, _partition: broker.committed[HERE]

    pumps.resume()
    pumps.take_up()
    standing = [(step, partition, aside.connection) for step, partition, aside in pumps.asides()]
    async with asyncio.timeout(5):
        while [*pumps.asides()]:  # noqa: ASYNC110  # the pumps have no need to tell
            await asyncio.sleep(0.01)
    await pumps.drain()

    assert standing == [(Step.FETCH, 0, b"north")]
    assert len(broker.topic(AUDIT.name)) == 1
    assert broker.logs[EVENTS_ASIDE.changelog, 0][-1][:2] == (b"north", None)
