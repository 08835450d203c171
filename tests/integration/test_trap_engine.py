"""Traps of the framework that are seen from inside a worker, on a real Kafka."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CommitFailedError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from app.worker import changelog
from app.worker.engine.application import Group
from app.worker.packed import PackedMap
from app.worker.stores import Partitions, Rows
from app.worker.watch import Watch
from app.worker.worker import Worker
from streams.domain.audit import Step
from streams.loop.contract import Stage
from streams.topics import Table
from tests.builders.run import Run, make_topics
from tests.builders.traffic import Count


class Died(Exception):
    """Stands for the end of the process."""


def die(why: BaseException) -> None:
    raise Died from why


@asynccontextmanager
async def a_worker(run: Run) -> AsyncIterator[Worker]:
    """Run a worker in this process."""
    plan = run.plan
    stage = Stage(Step.TRANSLATE, plan.topic, lambda table: Count(table, plan.apart), (plan.table,))
    group = Group(
        plan.run, {"bootstrap_servers": plan.kafka}, plan.partitions, Path(plan.folder), plan.session
    )
    worker = Worker(group, [stage], [Partitions(plan.table, Rows)], die)
    await worker.start()
    try:
        yield worker
    finally:
        assert await worker.stop()


class Stamped:
    """A watch that notes when each message was done."""

    def __init__(self, watch: Watch) -> None:
        self.stamps: list[float] = []
        self._watch = watch

    def done(self, spot: object, offset: int) -> None:
        self.stamps.append(asyncio.get_running_loop().time())
        self._watch.done(spot, offset)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._watch, name)


async def topics(kafka: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def loaded(kafka: str, table: Partitions, partitions: Sequence[int]) -> None:
    """Read a changelog to its end."""
    async with changelog.reading({"bootstrap_servers": kafka}, table, partitions) as log:
        await log.read(await log.ends())


async def test_a_worker_makes_no_topic_and_keeps_its_tables_end_current(kafka: str, tmp_path: Path) -> None:
    """Stock Faust makes topics of its own, and reads a kept partition's changelog again at each rebalance."""
    run = Run.fresh(kafka, tmp_path, partitions=2)
    await run.create()
    await run.feed(100)
    before = await topics(kafka)

    async with a_worker(run) as worker:
        await run.caught_up()
        table = worker.app.tables[run.plan.run]
        known = [table.persisted_offset(TP(run.plan.table.changelog, partition)) for partition in range(2)]
        said = worker.report()

    assert await topics(kafka) - before <= {"__consumer_offsets"}
    ends = [0, 0]
    for record in await run.read(run.plan.table.changelog):
        ends[record.partition] = record.offset
    assert known == ends
    assert (said["ready"], said["lag"], said["rows"]) == (True, {run.plan.run: 0}, {run.plan.run: 100})


async def test_offsets_of_a_live_group_cannot_be_moved(kafka: str, tmp_path: Path) -> None:
    """So a replay never moves what a worker is working on: Kafka itself refuses."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(50)
    spot = TopicPartition(run.plan.run, 0)

    async with a_worker(run):
        await run.caught_up()
        outside = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=run.plan.run, enable_auto_commit=False)
        await outside.start()
        outside.assign([spot])
        with pytest.raises((CommitFailedError, UnknownMemberIdError)):
            await outside.commit({spot: OffsetAndMetadata(10, "")})
        await outside.stop()

    assert await run.committed() == {0: 50}


async def test_a_load_that_takes_longer_than_the_session_does_not_cost_the_partitions(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock Faust sends no heartbeat while it loads: it is put out of the group, and loads for ever."""
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    at_once, generations = changelog.take_over, []

    async def slow(*order: Any) -> None:
        generations.append(order[-1])
        await asyncio.sleep(run.plan.session + 2)
        await at_once(*order)

    monkeypatch.setattr(changelog, "take_over", slow)
    async with a_worker(run):
        await asyncio.sleep(2)

    assert generations == [1]


async def test_the_fetcher_does_not_pause_while_there_is_work(kafka: str, tmp_path: Path) -> None:
    """With the framework's small buffer it sleeps a whole second whenever all partitions are full.

    Each of two runs would show it; a busy machine that holds up one of them shows nothing.
    """
    longest = [
        await _longest_pause(Run.fresh(kafka, tmp_path / name, apart=500)) for name in ("one", "other")
    ]

    assert min(longest) < 0.9


async def _longest_pause(run: Run) -> float:
    await run.create()
    await run.feed(15_000)
    async with a_worker(run) as worker:
        stamped = Stamped(worker.watch)
        worker.app.watch = cast("Watch", stamped)
        await run.caught_up(120)
    assert len(stamped.stamps) > 1000
    return max(after - before for before, after in pairwise(stamped.stamps))


async def test_a_table_is_loaded_whole_each_time(kafka: str, tmp_path: Path) -> None:
    """Without "earliest" the first fetch races the seek: now and then nothing is loaded, without a word."""
    run = Run.fresh(kafka, tmp_path)
    table = Table(f"bulk-{run.plan.run}", run.plan.topic)
    await make_topics(kafka, [NewTopic(table.changelog, 4, 1)])
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5)
    await producer.start()
    for number in range(1000):
        await producer.send(
            table.changelog, b"%04d" % number, number.to_bytes(16, "little"), partition=number % 4
        )
    await producer.stop()

    for _ in range(20):
        partitions = Partitions(table, lambda: PackedMap(4))
        await loaded(kafka, partitions, range(4))
        assert (partitions.rows, [partitions.end(n) for n in range(4)]) == (1000, [249] * 4)


async def test_what_another_worker_wrote_meanwhile_is_loaded_behind_what_is_here(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    partitions = Partitions(run.plan.table, Rows)
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()

    for value in (b"first", b"second", None):
        await producer.send_and_wait(run.plan.table.changelog, value, b"key", partition=0)
        await producer.send_and_wait(run.plan.table.changelog, value or b"last", b"other", partition=0)
        await loaded(kafka, partitions, [0])
    await producer.stop()

    assert dict(partitions.journal(0)) == {b"other": b"last"}
    assert (partitions.loaded, partitions.end(0)) == (6, 5)
