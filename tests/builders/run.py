"""A run of counting workers on a real Kafka: its topics, its events, its processes, and what came out."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from secrets import token_hex
from typing import Any

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError

from app.kafka.partition import partition_of
from app.process.health import note_of
from app.worker.stores import Partitions, Rows
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry
from streams.domain.deadletter import DeadLetter
from streams.topics import AUDIT, DEADLETTERS
from tests.builders.traffic import ROW, an_event
from tests.fakes.counting_worker import Plan

SHARED = {AUDIT.name: 4, DEADLETTERS.name: 4}
"""Topics of all runs on one Kafka, and their partitions."""

PATIENCE = 120
"""Seconds for what feeds the workers: Kafka may be away that long."""

ROOT = Path(__file__).parents[2]


async def _started(producer: AIOKafkaProducer) -> None:
    """Start a feeder, though what it reaches Kafka by may be broken at that very moment."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await producer.start()
            except KafkaConnectionError:
                await asyncio.sleep(0.1)
            else:
                return


async def make_topics(kafka: str, topics: Sequence[NewTopic]) -> None:
    """Create topics and return when they have leaders; those that exist stay as they are."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics(topics)
        names = [topic.name for topic in topics]
        while any(  # noqa: ASYNC110  # Kafka does not tell
            topic["error_code"] or any(p["leader"] < 0 for p in topic["partitions"])
            for topic in await admin.describe_topics(names)
        ):
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


@dataclass
class Run:
    """One run: create, feed, start workers, look."""

    plan: Plan
    sent: int = 0
    copies: int = 1
    """Brokers that keep each record."""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def fresh(cls, kafka: str, folder: Path, **more: Any) -> "Run":
        """Return a run with a name of its own."""
        return cls(Plan(kafka, f"run-{token_hex(4)}", str(folder), **more))

    @property
    def log(self) -> Path:
        return Path(self.plan.folder) / "log"

    async def create(self) -> None:
        """Create the run's own topics; those of all runs too, once per Kafka."""
        shared = [NewTopic(name, SHARED[name], self.copies) for name in SHARED]
        compact = {"cleanup.policy": "compact"}
        own = [
            NewTopic(self.plan.run, self.plan.partitions, self.copies),
            NewTopic(self.plan.table.changelog, self.plan.partitions, self.copies, topic_configs=compact),
        ]
        await make_topics(self.plan.kafka, [*shared, *own])

    async def feed(self, count: int, rate: float = 0.0) -> None:
        """Send the next `count` numbered events; with a `rate`, so many a second."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.plan.kafka,
            linger_ms=5,
            enable_idempotence=True,
            request_timeout_ms=PATIENCE * 1000,
        )
        try:
            await _started(producer)
            await asyncio.gather(*await self._send(producer, count, rate))
        finally:
            await producer.stop()
        self.sent += count

    async def _send(self, producer: AIOKafkaProducer, count: int, rate: float) -> "list[asyncio.Future[Any]]":
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), []
        for number in range(self.sent, self.sent + count):
            event = an_event(number, object_id=number % self.plan.apart + 1, connection=self.plan.run)
            home = partition_of(event.key.encode(), self.plan.partitions)
            sent.append(await producer.send(self.plan.run, encode(event), event.key.encode(), partition=home))
            if rate and (ahead := (number - self.sent) / rate - (loop.time() - began)) > 0.02:
                await asyncio.sleep(ahead)
        return sent

    async def produce(self, value: bytes | None, key: bytes | None, partition: int = 0) -> None:
        """Send one raw record."""
        producer = AIOKafkaProducer(bootstrap_servers=self.plan.kafka)
        await producer.start()
        await producer.send_and_wait(self.plan.run, value, key, partition=partition)
        await producer.stop()

    def start(self, name: str = "w1", fail: str = "") -> "subprocess.Popen[bytes]":
        """Start a worker process."""
        plan = replace(self.plan, name=name, fail=fail, folder=f"{self.plan.folder}/{name}")
        Path(plan.folder).mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.fakes.counting_worker", plan.argument],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes[name] = process
        return process

    async def exit_code(self, name: str = "w1", seconds: float = 30) -> int:
        """Return with what code a worker ends."""
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(self.processes[name].wait)

    async def ready(self, name: str = "w1", seconds: float = 30) -> dict[str, object]:
        """Return what a worker says of itself once it is ready."""
        process = self.processes[name]
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
            while True:
                assert process.poll() is None, (
                    f"{name} ended with {process.poll()}: {self.log.read_text()[-2000:]}"
                )
                if said := await self._ask(session, name, process.pid):
                    return said
                await asyncio.sleep(0.05)

    async def caught_up(self, seconds: float = 30) -> None:
        """Return when the group has committed everything that was sent."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (committed := await self.committed()) != (ends := await self.ends()):
            late = asyncio.get_running_loop().time() > deadline
            codes = {name: process.poll() for name, process in self.processes.items()}
            assert not late, f"{committed} of {ends}, {codes}: {self._words()[-4000:]}"
            await asyncio.sleep(0.1)

    def _words(self) -> str:
        """Return what the run's processes said; a worker within the test itself says nothing here."""
        return self.log.read_text() if self.log.exists() else ""

    async def committed(self) -> dict[int, int]:
        """Return the group's commit per partition; 0 where there is none."""
        async with _consumer(self.plan.kafka, self.plan.run) as consumer:
            return {
                spot.partition: await consumer.committed(spot) or 0 for spot in self._spots(self.plan.run)
            }

    async def ends(self) -> dict[int, int]:
        """Return the end of the run's topic per partition."""
        async with _consumer(self.plan.kafka) as consumer:
            ends = await consumer.end_offsets(self._spots(self.plan.run))
            return {spot.partition: end for spot, end in ends.items()}

    async def said(self) -> list[int]:
        """Return the numbers that came out, in their order per partition, repeats included."""
        records = await self.read(AUDIT.name)
        entries = (decode(AuditEntry, record.value) for record in records)
        return [
            int(entry.cause)
            for entry in entries
            if entry.connection == self.plan.run and entry.cause.isdigit()
        ]

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the dead letters of the run, in the order of their places."""
        letters = [decode(DeadLetter, record.value) for record in await self.read(DEADLETTERS.name)]
        own = (letter for letter in letters if letter.place.topic == self.plan.run)
        return sorted(own, key=lambda letter: (letter.place.partition, letter.place.offset))

    async def table(self) -> dict[bytes, tuple[int, int, int]]:
        """Return the table that the changelog stands for."""
        held = Partitions(self.plan.table, Rows)
        records = await self.read(self.plan.table.changelog)
        for partition, its in groupby(records, key=attrgetter("partition")):
            held.take(partition, [*its])
        return {
            key: ROW.unpack(row) for partition in held.held for key, row in held.journal(partition).items()
        }

    def right_table(self) -> dict[bytes, tuple[int, int, int]]:
        """Return the table as it must be."""
        right = {}
        for first in range(min(self.plan.apart, self.sent)):
            numbers = range(first, self.sent, self.plan.apart)
            key = an_event(object_id=first + 1, connection=self.plan.run).key.encode()
            right[key] = (numbers[-1], len(numbers), 0)
        return right

    async def read(self, topic: str) -> list[Any]:
        """Return everything in a topic, partition by partition."""
        async with _consumer(self.plan.kafka) as consumer:
            spots = self._spots(topic)
            consumer.assign(spots)
            ends = await consumer.end_offsets(spots)
            found: list[Any] = []
            while left := [spot for spot in spots if await consumer.position(spot) < ends[spot]]:
                for records in (await consumer.getmany(*left, timeout_ms=500)).values():
                    found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def end(self) -> None:
        """End what still runs: in order where that is possible, so that the next need not wait for it."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _spots(self, topic: str) -> list[TopicPartition]:
        count = SHARED.get(topic, self.plan.partitions)
        return [TopicPartition(topic, partition) for partition in range(count)]

    async def _ask(self, session: aiohttp.ClientSession, name: str, pid: int) -> dict[str, object] | None:
        note = note_of(name, Path(self.plan.folder) / name)
        if not note.exists():
            return None
        told = orjson.loads(note.read_bytes())
        if told["pid"] != pid:
            return None
        try:
            async with session.get(f"http://127.0.0.1:{told['port']}/health/ready") as answer:
                said: dict[str, object] = await answer.json()
                return said if answer.status == 200 else None
        except aiohttp.ClientError:
            return None


class _consumer:  # noqa: N801  # used as a function
    def __init__(self, kafka: str, group: str | None = None) -> None:
        self.made = AIOKafkaConsumer(
            bootstrap_servers=kafka, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
        )

    async def __aenter__(self) -> AIOKafkaConsumer:
        await self.made.start()
        return self.made

    async def __aexit__(self, *_: object) -> None:
        await self.made.stop()
