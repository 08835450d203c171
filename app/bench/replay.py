"""A log rewound with nothing to change: our worker, stock Faust and a plain loop, in turns.

Each system first works the whole log off as it is written, then its offsets are set back to the first
record, and it does all of it once more. The peers derive every row and find every one as it should be; ours
passes by what it finds at rest. Records that are said each time open and close every partition, so that the
log itself tells when a system began and when it was through. An org that is asked ends the system, so a
figure stands for zero calls. Each has a broker of its own, which says by its own clock when each output was
appended.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from statistics import median
from sys import maxsize
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic

from app.bench.marks import CHANGED, CREATED, marks
from app.bench.ours import PARTITIONS
from app.bench.quiet_org import REPLAY
from app.bench.report import Report, Row, at_least, at_most
from app.bench.stand import SHARED, Stand, resident, stand, waited
from app.bench.trade import CLIENTS, trade
from app.kafka.inventory import administering, await_coordinator, await_leaders
from app.kafka.offsets import move_offsets
from app.kafka.producer import make_producer
from app.kafka.topics import wanted
from app.settings import Settings
from streams.codec import encode
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.topics import APP, AUDIT, COMMANDS, RECORDS

Say = Callable[[str], None]

RECORDS_TOLD: Final = 20_000
ROUNDS: Final = 1
PATIENCE: Final = 240.0
SLOWEST: Final = 100
"""Records per second below which a system counts as stuck."""
STOCK, PLAIN, OURS = "stock Faust", "plain loop", "Freshforce"
MODULES: Final = {
    OURS: "app.bench.ours_replay",
    PLAIN: "app.bench.peers.plain_replay",
    STOCK: "app.bench.peers.stock_replay",
}
WORKED: Final = (RECORDS.name, COMMANDS.name)


@dataclass(frozen=True, slots=True)
class Run:
    """How one system replayed."""

    system: str
    by_the_clock: float
    """Records per second."""
    waited: float
    """The part of the time that it stood ready while others had its core."""
    commands: int
    """That were found unchanged."""
    memory: int
    """Bytes that it had in memory at most while it replayed."""

    @property
    def per_second(self) -> float:
        """Records per second of the time in which it could have its core."""
        return self.by_the_clock / (1 - self.waited)


def measure(say: Say, records: int = RECORDS_TOLD, rounds: int = ROUNDS, *, alone: bool = False) -> Report:
    """Return what each system, or ours alone, replays in a second; about five minutes."""
    runs = list[Run]()
    for number in range(1, rounds + 1):
        for system in (OURS,) if alone else MODULES:
            say(f"round {number} of {rounds}: {system}")
            with stand() as here:
                runs.append(asyncio.run(_run(here, system, records)))
    return report(runs, records)


def report(runs: Iterable[Run], records: int) -> Report:
    """Return medians and ratios of `runs`, which come round by round."""
    by: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by[run.system].append(run)
    goals = [at_most("Salesforce calls", 0, 0)]
    if len(by) > 1:
        goals.append(at_least("rate beside stock Faust", 15, _beside(by, STOCK), " times"))
        goals.append(at_least("rate beside the plain loop", 0.8, _beside(by, PLAIN), " times"))
    remarks = (
        f"{len(by[OURS])} rounds in turns, {records:,} records rewound to the first; medians.",
        SHARED,
        "Translate and deliver both; a system that asked Salesforce would have ended.",
        "The peers say every row again and find it unchanged; ours passes by the records of clients at rest.",
    )
    return Report("replay", tuple(_rows(by)), tuple(goals), remarks)


def _beside(by: Mapping[str, Sequence[Run]], peer: str) -> float:
    """Return the median ratio of neighbouring runs: what the machine does to both cancels out."""
    pairs = zip(by[OURS], by[peer], strict=True)
    return median(ours.per_second / theirs.per_second for ours, theirs in pairs)


def _rows(by: Mapping[str, Sequence[Run]]) -> Iterator[Row]:
    for system, runs in by.items():
        yield Row(system, "median", median(run.per_second for run in runs), "records/s")
        yield Row(system, "median by the clock", median(run.by_the_clock for run in runs), "records/s")
        yield Row(system, "found unchanged", median(run.commands for run in runs), "commands")
        yield Row(system, "memory", median(run.memory for run in runs) / 1e6, "MB")


async def _run(here: Stand, system: str, records: int) -> Run:
    """Let one system work the log off while it is written, set it back, and let it do all once more."""
    await _topics(here)
    async with _looking_on(here) as consumer:
        with here.under_test(MODULES[system], here.kafka, "first"):
            await _feed(here, chain(marks(CREATED), islice(trade(CLIENTS), records), marks(CHANGED)))
            await _done(consumer, records + 2 * PARTITIONS)
    await move_offsets(here.options, APP, dict.fromkeys(_spots(RECORDS.name), 0))
    async with _looking_on(here) as consumer:
        return await _replayed(here, consumer, system, records)


async def _replayed(here: Stand, consumer: AIOKafkaConsumer, system: str, records: int) -> Run:
    before = await consumer.end_offsets(_spots(AUDIT.name, COMMANDS.name))
    with here.under_test(MODULES[system], here.kafka, REPLAY) as process:
        stood, began = await _begun(consumer, before, process.pid)
        await _done(consumer, records + 2 * PARTITIONS)
        share = (waited(process.pid) - stood) / max(monotonic() - began, 0.1)
        memory = resident(process.pid, "VmHWM")
    after = await consumer.end_offsets([*before])
    commands = sum(after[it] - before[it] for it in before if it.topic == COMMANDS.name)
    audit = {it: (before[it], after[it]) for it in before if it.topic == AUDIT.name}
    seconds = await _seconds(consumer, audit)
    return Run(system, records / seconds, min(share, 0.99), commands, memory)


@asynccontextmanager
async def _looking_on(here: Stand) -> AsyncIterator[AIOKafkaConsumer]:
    """Lend a consumer that sees what the group has committed, and takes part in nothing."""
    consumer = AIOKafkaConsumer(bootstrap_servers=here.kafka, group_id=APP, enable_auto_commit=False)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _begun(consumer: Any, before: Mapping[TopicPartition, int], pid: int) -> tuple[float, float]:
    """Return, once something was said, how long the process had waited so far, and the moment."""
    spots = [it for it in before if it.topic == AUDIT.name]
    async with asyncio.timeout(PATIENCE):
        while await consumer.end_offsets(spots) == {it: before[it] for it in spots}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return waited(pid), monotonic()


async def _done(consumer: Any, records: int) -> None:
    """Return when the group has committed all records, and all commands that followed."""
    async with asyncio.timeout(PATIENCE + records / SLOWEST):
        while sum([await consumer.committed(it) or 0 for it in _spots(RECORDS.name)]) < records:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        while True:
            ends = await consumer.end_offsets(_spots(COMMANDS.name))
            if all([(await consumer.committed(it) or 0) >= end for it, end in ends.items()]):
                return
            await asyncio.sleep(0.1)


async def _seconds(consumer: Any, between: Mapping[TopicPartition, tuple[int, int]]) -> float:
    """Return the time from the first to the last of what was said."""
    first, last = maxsize, 0
    consumer.assign([*between])
    for spot, (begin, _) in between.items():
        consumer.seek(spot, begin)
    while left := [it for it, (_, end) in between.items() if await consumer.position(it) < end]:
        for messages in (await consumer.getmany(*left, timeout_ms=500)).values():
            first, last = min(first, messages[0].timestamp), max(last, messages[-1].timestamp)
    return max(last - first, 1) / 1000


def _spots(*topics: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]


async def _topics(here: Stand) -> None:
    settings = Settings(kafka=here.kafka, replication=1, min_insync=1, partitions=PARTITIONS)
    stamped = {"message.timestamp.type": "LogAppendTime"}
    made = [replace(it, config=it.config | stamped) for it in wanted(settings)]
    async with administering(here.options) as admin:
        await admin.create_topics(
            [NewTopic(it.name, it.partitions, 1, topic_configs=it.config) for it in made]
        )
        await await_leaders(admin, [it.name for it in made])
        await await_coordinator(admin, APP)


async def _feed(here: Stand, records: Iterable[Record]) -> None:
    """Write the records as they are made: what Kafka has is kept nowhere else."""
    producer = make_producer(here.options)
    await producer.start()
    for record in records:
        topic, key = address(record)
        await producer.send(topic, encode(record), key, headers=headers(record))
    await producer.stop()
