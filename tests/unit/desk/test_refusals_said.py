"""What the pages turn away reaches the audit, a flood as its number, even while Kafka is away for a while."""

import asyncio
from dataclasses import dataclass, field

from app.desk.refusals import EVERY, Refusals, telling
from app.registry import Registry
from app.vault.access import Grants
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Unreachable
from streams.domain.message import Value
from tests.builders.vault import NOW, a_sealer
from tests.fakes.grants_view import GrantsView
from tests.fakes.virtual_time import simulate

STALE = Verdict.AUTH_FAILED


@dataclass
class Log:
    """Takes entries unless it is away."""

    away: bool = False
    entries: list[AuditEntry] = field(default_factory=list)
    second: float = 0.0

    async def write(self, *values: Value) -> None:
        if self.away:
            who = "Kafka"
            raise Unreachable(who, "away")
        self.entries += [each for each in values if isinstance(each, AuditEntry)]

    def told(self) -> list[object]:
        return [each.details["times"] for each in self.entries]


def refusals(log: Log) -> Refusals:
    grants = Grants(GrantsView(), a_sealer())
    registry = Registry({}, grants, log.write, lambda: NOW, lambda size: b"r" * size, log.write)
    return Refusals(registry, lambda: log.second)


async def test_the_first_of_a_sort_is_said_at_once_and_the_flood_after_it_when_it_is_summed_up() -> None:
    log = Log()
    told = refusals(log)
    for _ in range(1_000):
        told(STALE, "a stale page")
    await told.registry.chores.done()
    assert log.told() == [1]

    told.say_unsaid()
    await told.registry.chores.done()

    assert log.told() == [1, 999]


async def test_a_trickle_is_said_at_most_once_a_minute() -> None:
    log = Log()
    told = refusals(log)
    for log.second in range(600):
        if log.second % 7 == 0:
            told(STALE, "a stale page")
        if log.second % EVERY == 0:
            told.say_unsaid()
    told.say_unsaid()
    await told.registry.chores.done()

    assert sum(int(str(times)) for times in log.told()) == 86
    assert len(log.told()) <= 600 / EVERY + 1


async def test_what_kafka_did_not_take_is_in_the_next_number() -> None:
    log = Log(away=True)
    told = refusals(log)
    for _ in range(5):
        told(STALE, "a stale page")
    await told.registry.chores.done()

    log.away = False
    told.say_unsaid()
    await told.registry.chores.done()

    assert log.told() == [5]


def test_they_are_summed_up_each_minute_and_when_the_desk_stops() -> None:
    log = Log()

    async def story() -> None:
        registry = refusals(log).registry
        async with telling(registry) as told:
            for _ in range(3):
                told(STALE, "a stale page")
            await asyncio.sleep(EVERY + 1)
            assert log.told() == [1, 2]
            for _ in range(7):
                told(STALE, "a stale page")
        await registry.chores.done()

    simulate(story())

    assert log.told() == [1, 2, 7]
