"""Records to commands with ledger and audit: our worker, stock Faust and a plain loop, in turns.

All three call the same step with the same codec and must write the same bytes, or nothing is compared.
The broker itself says when each output was appended (`LogAppendTime`), so no system is asked how fast
it thinks it was, and none pays for its start.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from statistics import median
from time import monotonic, process_time
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic

from app.bench import ours
from app.bench.peers import plain_loop
from app.bench.report import Report, Row, at_least
from app.bench.stand import SHARED, Stand, cpu_of, stand, waited
from app.bench.trade import BUSINESS, some_trade
from app.kafka.inventory import administering, await_leaders
from app.kafka.producer import make_producer
from app.kafka.topics import wanted
from app.settings import Settings
from streams.codec import decode, encode
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.steps.translate import Translate
from streams.topics import AUDIT, COMMANDS, RECORDS

Say = Callable[[str], None]

RECORDS_TOLD: Final = 9_000
ROUNDS: Final = 3
PATIENCE: Final = 120.0
STOCK, PLAIN, OURS = "stock Faust", "plain loop", "Freshforce"
MODULES: Final = {
    OURS: "app.bench.ours",
    PLAIN: "app.bench.peers.plain_loop",
    STOCK: "app.bench.peers.stock_faust",
}
WORKED: Final = (COMMANDS.name, AUDIT.name)


class Unlike(RuntimeError):
    """Two systems did not write the same: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Run:
    """How one system did in one round."""

    system: str
    by_the_clock: float
    """Records per second."""
    cpu: float
    """Seconds of processor time per record."""
    waited: float
    """The part of the time that it stood ready while others had its core."""
    said: str
    """Digest of all that it wrote to commands and audit."""

    @property
    def per_second(self) -> float:
        """Records per second of the time in which it could have its core."""
        return self.by_the_clock / (1 - self.waited)


def measure(say: Say, records: int = RECORDS_TOLD, rounds: int = ROUNDS) -> Report:
    """Return what each system does in a second; about three minutes."""
    say("Kafka starts")
    runs, alone = asyncio.run(_measure(say, records, rounds))
    agree(runs)
    return report(runs, alone, records)


def agree(runs: Sequence[Run]) -> None:
    """Make sure that all runs wrote the same.

    Raises:
        Unlike: they did not.
    """
    if len({run.said for run in runs}) != 1:
        message = "the systems wrote different commands or audit entries"
        raise Unlike(message)


def report(runs: Iterable[Run], alone: float, records: int) -> Report:
    """Return medians and ratios of `runs`, which come round by round.

    `alone` are the seconds of processor time of step and codec per record, which all systems share.
    """
    by: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        by[run.system].append(run)
    goals = (
        at_least("rate beside stock Faust", 8, _beside(by, STOCK), " times"),
        at_least("rate beside the plain loop", 0.8, _beside(by, PLAIN), " times"),
    )
    rounds = len(by[OURS])
    remarks = (
        f"{rounds} rounds in turns, {records:,} records each, from an empty ledger; medians.",
        SHARED,
        "All systems call the same step and codec and wrote the same bytes, which was checked.",
        f"Of each record's time {alone * 1e6:.0f} µs are the step's and the codec's own, whatever the loop.",
    )
    rows = (*_rows(by), Row("step and codec, no Kafka", "processor time", alone * 1e6, "µs/record"))
    return Report("transform", rows, goals, remarks)


def _beside(by: Mapping[str, Sequence[Run]], peer: str) -> float:
    """Return the median ratio of neighbouring runs: what the machine does to both cancels out."""
    pairs = zip(by[OURS], by[peer], strict=True)
    return median(ours.per_second / theirs.per_second for ours, theirs in pairs)


def _rows(by: Mapping[str, Sequence[Run]]) -> Iterator[Row]:
    for system, runs in by.items():
        rates = [run.per_second for run in runs]
        yield Row(system, "median", median(rates), "records/s")
        yield Row(system, "slowest round", min(rates), "records/s")
        yield Row(system, "fastest round", max(rates), "records/s")
        yield Row(system, "median by the clock", median(run.by_the_clock for run in runs), "records/s")
        yield Row(system, "processor time", median(run.cpu for run in runs) * 1e6, "µs/record")


async def _measure(say: Say, records: int, rounds: int) -> tuple[list[Run], float]:
    with stand() as here:
        await _topics(here)
        say(f"{records:,} records are written")
        traded = some_trade(records)
        await _feed(here, traded)
        alone = min(_alone([encode(record) for record in traded]) for _ in range(rounds))
        systems, runs = [*MODULES], []
        for number in range(1, rounds + 1):
            for system in systems:
                say(f"round {number} of {rounds}: {system}")
                name = f"{MODULES[system].rpartition('.')[2]}-{number}"
                runs.append(await _run(here, system, name, records))
            systems.append(systems.pop(0))
    return runs, alone


def _alone(records: Sequence[bytes]) -> float:
    """Return the seconds of processor time per record of what all systems do alike."""
    step, begun = Translate({}, {BUSINESS.name: BUSINESS}), process_time()
    for record in records:
        for value in step(decode(Record, record)):
            encode(value)
            headers(value)
    return (process_time() - begun) / len(records)


async def _topics(here: Stand) -> None:
    settings = Settings(kafka=here.kafka, replication=1, min_insync=1, partitions=ours.PARTITIONS)
    stamped = {"message.timestamp.type": "LogAppendTime"}
    named = {topic.name: topic for topic in wanted(settings)}
    made = [replace(named[it], config=named[it].config | stamped) for it in (RECORDS.name, *WORKED)]
    await _create(here, [NewTopic(it.name, it.partitions, 1, topic_configs=it.config) for it in made])


async def _create(here: Stand, topics: Sequence[NewTopic]) -> None:
    async with administering(here.options) as admin:
        await admin.create_topics([*topics])
        await await_leaders(admin, [topic.name for topic in topics])


async def _feed(here: Stand, records: Iterable[Record]) -> None:
    producer = make_producer(here.options)
    await producer.start()
    for record in records:
        topic, key = address(record)
        await producer.send(topic, encode(record), key, headers=headers(record))
    await producer.stop()


async def _run(here: Stand, system: str, run: str, records: int) -> Run:
    """Let one system translate all records, from an empty ledger on."""
    changelogs = (ours.ledger_of(run).changelog, plain_loop.changelog_of(run))
    compacted = {"cleanup.policy": "compact"}
    await _create(here, [NewTopic(name, ours.PARTITIONS, 1, topic_configs=compacted) for name in changelogs])
    consumer = AIOKafkaConsumer(bootstrap_servers=here.kafka, group_id=run, enable_auto_commit=False)
    await consumer.start()
    try:
        spots = [TopicPartition(topic, spot) for topic in WORKED for spot in range(ours.PARTITIONS)]
        before = await consumer.end_offsets(spots)
        with here.under_test(MODULES[system], here.kafka, run) as process:
            cpu, share = await _worked(consumer, before, process.pid, records)
            await _committed(consumer, records)
        return await _judged(consumer, before, Run(system, 0, cpu, share, ""))
    finally:
        await consumer.stop()


async def _worked(
    consumer: Any, before: dict[TopicPartition, int], pid: int, records: int
) -> tuple[float, float]:
    """Wait until all is said; return processor time per record, and the part of the time spent waiting."""
    audit = [spot for spot in before if spot.topic == AUDIT.name]
    done, begun, deadline = 0, (0, 0.0, 0.0, 0.0), monotonic() + PATIENCE
    while done < records:
        await asyncio.sleep(0.1)
        ends = await consumer.end_offsets(audit)
        done = sum(ends[spot] - before[spot] for spot in audit)
        if done and not begun[0]:
            begun = (done, cpu_of(pid), waited(pid), monotonic())
        if monotonic() > deadline:
            message = f"{done} of {records} records within {PATIENCE:g} s"
            raise TimeoutError(message)
    first, cpu, stood, moment = begun
    share = (waited(pid) - stood) / max(monotonic() - moment, 0.1)
    return (cpu_of(pid) - cpu) / max(records - first, 1), min(share, 0.99)


async def _committed(consumer: Any, records: int) -> None:
    """Wait until the group has committed all records."""
    spots = [TopicPartition(RECORDS.name, partition) for partition in range(ours.PARTITIONS)]
    async with asyncio.timeout(PATIENCE):
        while sum([await consumer.committed(spot) or 0 for spot in spots]) < records:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def _judged(consumer: Any, before: dict[TopicPartition, int], run: Run) -> Run:
    """Read what was written: when, and what."""
    consumer.assign([*before])
    for spot, offset in before.items():
        consumer.seek(spot, offset)
    ends = await consumer.end_offsets([*before])
    said = {spot: blake2b() for spot in before}
    moments: list[int] = []
    while left := [spot for spot in before if await consumer.position(spot) < ends[spot]]:
        for spot, messages in (await consumer.getmany(*left, timeout_ms=500)).items():
            for message in messages:
                said[spot].update(repr((message.key, message.value, message.headers)).encode())
            moments += [message.timestamp for message in messages if spot.topic == AUDIT.name]
    whole = blake2b(b"".join(said[spot].digest() for spot in sorted(said))).hexdigest()
    return replace(run, by_the_clock=pace(moments), said=whole)


def pace(moments: Sequence[int]) -> float:
    """Return how many a second came after the first ones; `moments` are milliseconds, in any order."""
    first, last = min(moments), max(moments)
    return 1000 * sum(moment > first for moment in moments) / max(last - first, 1)
