"""The crash that a random kill hardly ever hits: the changelog is in Kafka, the output is not."""

from collections.abc import Callable, Iterator

import pytest

from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step
from streams.domain.event import Event
from streams.domain.message import Value
from streams.loop.burial import Burials
from streams.loop.contract import Spot, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Limits, Surroundings
from streams.loop.pump import Pump
from streams.ports import State
from streams.topics import AUDIT, EVENTS, LEDGER
from tests.builders.traffic import Count, an_event, noted
from tests.fakes.broker import Broker, BrokerSink, Delay, Reader, at_once

HERE: Spot = (EVENTS.name, 0)
CHANGELOG: Spot = (LEDGER.changelog, 0)


def suppressing(table: State) -> Callable[[Event], Iterator[Value]]:
    """Return a step that says nothing of what its table has seen: the mistake."""

    def step(event: Event) -> Iterator[Value]:
        if event.id.encode() not in table:
            table[event.id.encode()] = b"seen"
            yield noted(event)

    return step


async def a_life(broker: Broker, make: Callable[[State], object], delay: Delay) -> list[BaseException]:
    """Run one process from the last commit, its table rebuilt from the changelog; return what killed it."""
    killed: list[BaseException] = []
    journal = Journal(broker.table(CHANGELOG), CHANGELOG)
    around = Surroundings(BrokerSink(broker, delay), killed.append, Limits(linger=0.001))
    pump = Pump(Stage(Step.TRANSLATE, EVENTS, make, (LEDGER,)), [journal], Burials(), around)
    pump.start()
    await Reader(broker, HERE).feed(pump)
    await pump.drain(1)
    return killed


def refuse_outputs(spot: Spot) -> float:
    if spot[0] == AUDIT.name:
        message = "the broker died"
        raise ConnectionError(message)
    return 0.0


@pytest.mark.parametrize(("make", "lost"), [(lambda table: Count(table, 1), 0), (suppressing, 5)])
async def test_what_the_table_saw_is_said_again_unless_a_step_suppresses_equals(
    make: Callable[[State], object], lost: int
) -> None:
    broker = Broker()
    broker.append(HERE, [(b"north:invoice:7", encode(an_event(number)), ()) for number in range(5)])

    killed = await a_life(broker, make, refuse_outputs)
    afterwards = await a_life(broker, make, at_once)

    said = {decode(AuditEntry, value).cause for _, value, _ in broker.topic(AUDIT.name)}
    assert (len(killed), afterwards) == (1, [])
    assert len({"0", "1", "2", "3", "4"} - said) == lost
