"""From where a source is read after a rebalance, on aiokafka's own state: nothing is passed by, nor twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from app.worker.engine.transport import Consumer
from tests.builders.engine import OTHER, SOURCE, an_app
from tests.fakes.kafka_fetcher import Fetched

NEXT = TP(SOURCE.topic, 1)


@dataclass
class Coordinator:
    """Knows what the group has committed; tells it once `asked` may go on."""

    committed: Mapping[Any, int]
    generation: int = 1
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def fetch_committed_offsets(self, partitions: list[Any]) -> dict[Any, OffsetAndMetadata]:
        told = {tp: OffsetAndMetadata(at, "") for tp, at in self.committed.items() if tp in partitions}
        await self.answers.wait()
        return told


class Kafka:
    """The engine's consumer over a real one of aiokafka, which never goes on the network."""

    def __init__(self, consumer: Consumer) -> None:
        self.consumer, thread = consumer, consumer._thread
        self.reader = thread._consumer = thread._create_consumer(asyncio.get_running_loop())
        self.reader._subscription.subscribe({SOURCE.topic, OTHER.topic})
        self.reader._fetcher = self.fetched = Fetched(self.reader, asyncio.get_running_loop())
        self.commits(0)

    def commits(self, offset: int) -> Coordinator:
        """Let the group have committed up to `offset` in one source, and nothing in the other."""
        self.reader._coordinator = coordinator = Coordinator({NEXT: offset} if offset else {})
        return coordinator

    async def assigns(self, *tps: TP) -> None:
        """Give out partitions, as a rebalance does, to an app that loads its tables meanwhile."""
        self.reader._subscription.begin_reassignment()
        await self.consumer.on_partitions_revoked(self.consumer.assignment())
        self.reader._subscription.assign_from_subscribed({TopicPartition(*tp) for tp in tps})
        self.consumer._set_active_tps({*tps})  # as on_partitions_assigned does before it pauses them

    def position(self, tp: TP) -> int:
        return int(self.reader._subscription.subscription.assignment.state_value(tp).position)


@pytest.fixture
async def kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Kafka]:
    consumer: Consumer = an_app(tmp_path).consumer
    monkeypatch.setattr(consumer._thread, "call_thread", lambda call, *args, **named: call(*args, **named))
    kafka = Kafka(consumer)
    yield kafka
    kafka.reader._closed = True  # it was never started
    consumer._thread.thread_loop.close()


async def test_a_source_is_read_from_its_commit_and_from_its_beginning_where_there_is_none(
    kafka: Kafka,
) -> None:
    """A fetch may have moved the position of a partition that was given out, and is then dropped."""
    kafka.commits(7)
    await kafka.assigns(SOURCE, NEXT, OTHER)
    for tp in (SOURCE, NEXT, OTHER):
        kafka.fetched.come(TopicPartition(*tp), range(40, 45))

    await kafka.consumer.perform_seek()

    assert [kafka.position(tp) for tp in (SOURCE, NEXT, OTHER)] == [0, 7, 40]
    assert [kafka.consumer._committed_offset[tp] for tp in (SOURCE, NEXT)] == [None, 7]
    assert [kafka.consumer._read_offset[tp] for tp in (SOURCE, NEXT)] == [None, 7]


async def test_a_fetch_that_is_on_its_way_in_a_rebalance_takes_nothing_of_the_next_assignment(
    kafka: Kafka,
) -> None:
    await kafka.assigns(SOURCE)
    kafka.consumer._moving = False
    kafka.consumer.resume_flow()
    fetch = asyncio.create_task(kafka.consumer._getmany(kafka.consumer._active_partitions, 0.2))
    await asyncio.sleep(0.01)

    await kafka.assigns(SOURCE, NEXT)
    kafka.fetched.come(TopicPartition(*SOURCE), range(5))
    kafka.fetched.come(TopicPartition(*NEXT), range(5))

    assert not await fetch
    assert [kafka.position(tp) for tp in (SOURCE, NEXT)] == [0, 0]


async def test_what_may_be_read_is_fetched(kafka: Kafka) -> None:
    await kafka.assigns(SOURCE, NEXT)
    kafka.consumer._moving = False
    kafka.consumer.pause_partitions({NEXT})
    kafka.consumer.resume_flow()
    kafka.fetched.come(TopicPartition(*SOURCE), range(5))
    kafka.fetched.come(TopicPartition(*NEXT), range(5))

    read = await kafka.consumer._getmany(kafka.consumer._active_partitions, 0.2)

    assert {tp: len(records) for tp, records in read.items()} == {SOURCE: 5}


async def test_a_seek_that_the_next_assignment_overtook_puts_nothing_back(kafka: Kafka) -> None:
    """It would come after the next one's, and messages would be handed over twice."""
    kafka.commits(7).answers.clear()
    await kafka.assigns(NEXT)
    overtaken, asked = asyncio.create_task(kafka.consumer.perform_seek()), kafka.reader._coordinator
    await asyncio.sleep(0)

    kafka.commits(9)
    await kafka.assigns(NEXT)
    newest = asyncio.create_task(kafka.consumer.perform_seek())
    asked.answers.set()
    with pytest.raises(IllegalStateError):
        await overtaken
    await newest

    assert kafka.position(NEXT) == 9
    assert kafka.consumer._committed_offset[NEXT] == 9


async def test_a_seek_waits_for_the_one_before_it_though_nobody_else_does_any_more(kafka: Kafka) -> None:
    """Both may be of the newest assignment; the late one would put back what the other lets be read."""
    asked = kafka.commits(7)
    await kafka.assigns(NEXT)
    asked.answers.clear()
    late = asyncio.create_task(kafka.consumer.perform_seek())
    await asyncio.sleep(0)

    kafka.commits(7)
    newest = asyncio.create_task(kafka.consumer.perform_seek())
    await asyncio.sleep(0.01)
    early = newest.done()
    asked.answers.set()
    await asyncio.gather(late, newest)

    assert not early


async def test_a_worker_without_partitions_has_nothing_to_seek(kafka: Kafka) -> None:
    before = await kafka.consumer.seek_to_committed()
    await kafka.assigns()

    assert (before, await kafka.consumer.seek_to_committed()) == ({}, {})
    assert not kafka.consumer.flow_active


async def test_a_worker_that_fetches_nothing_for_long_stays_in_its_group_and_holds_up_no_rebalance(
    kafka: Kafka,
) -> None:
    """A spare one has no partitions, one whose vendor is away is full; Kafka is told the time-out alone."""
    years = kafka.reader._max_poll_interval_ms / 1000 / 86_400 / 365

    assert years >= 10
    assert kafka.reader._rebalance_timeout_ms == 20_000
