"""The audit view on a real broker: whatever happens to its process, each entry is one row."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from sqlalchemy import func, select

from app.view.follow import Follower
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName
from tests.builders.run import ROOT, make_topics

ALL = 50_000


@dataclass
class Office:
    """A view of its own, and the connection whose entries are this test's."""

    kafka: str
    home: Path
    connection: str

    @property
    def topic(self) -> str:
        """An audit topic of its own: what is unreadable there disturbs no other test."""
        return f"audit-{self.connection}"

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.home}/view.sqlite"

    async def say(self, count: int, begin: int = 0, more: tuple[bytes, ...] = ()) -> None:
        """Write entries to the audit topic, and `more` that are none."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, linger_ms=20)
        await producer.start()
        for number in range(begin, begin + count):
            await producer.send(self.topic, encode(self.entry(number)), partition=number % 4)
        for raw in more:
            await producer.send(self.topic, raw, partition=0)
        await producer.stop()

    def entry(self, number: int) -> AuditEntry:
        cause = f"{self.connection}/{number}"
        return AuditEntry(
            id=audit_id(Step.FETCH, Verdict.FETCHED, cause),
            connection=ConnectionName(self.connection),
            step=Step.FETCH,
            verdict=Verdict.FETCHED,
            cause=cause,
        )

    async def follow(self) -> Follower:
        """Follow in this process until nothing comes any more; return the follower, stopped."""
        store = await Store.open(self.url)
        follower = Follower(store, {"bootstrap_servers": self.kafka}, self.topic)
        try:
            await follower.start()
            while await follower.step(wait=2_000):
                pass
        finally:
            await follower.stop()
            await store.close()
        return follower

    async def rows(self) -> tuple[int, int]:
        """Return how many rows there are of us, and how many different causes."""
        store = await Store.open(self.url)
        try:
            async with store.engine.connect() as database:
                counted = select(func.count(), func.count(ENTRIES.c.cause.distinct()))
                ours = counted.where(ENTRIES.c.connection == self.connection)
                rows, causes = (await database.execute(ours)).one()
                return rows, causes
        finally:
            await store.close()


@pytest.fixture
async def office(kafka: str, tmp_path: Path) -> Office:
    office = Office(kafka, tmp_path, f"view-{token_hex(4)}")
    await make_topics(kafka, [NewTopic(office.topic, 4, 1)])
    return office


def a_view_process(office: Office) -> "subprocess.Popen[bytes]":
    words = (sys.executable, "-m", "tests.fakes.lone_view", office.kafka, office.topic, office.url)
    with (office.home / "view.log").open("ab") as log:
        return subprocess.Popen(words, cwd=ROOT, stderr=log)


async def test_a_view_killed_in_the_middle_goes_on_without_a_gap_or_a_repeat(office: Office) -> None:
    await office.say(ALL)
    database = office.home / "view.sqlite"
    killed = a_view_process(office)
    while not (database.exists() and (await office.rows())[0]):
        assert killed.poll() is None, (office.home / "view.log").read_text()

    killed.send_signal(signal.SIGKILL)
    killed.wait()
    before, _ = await office.rows()
    await office.follow()

    assert 0 < before < ALL
    assert await office.rows() == (ALL, ALL)


async def test_a_view_is_rebuilt_from_nothing(office: Office) -> None:
    await office.say(100)
    await office.follow()
    store = await Store.open(office.url)
    await store.clear()
    await store.close()
    assert await office.rows() == (0, 0)

    await office.follow()

    assert await office.rows() == (100, 100)


async def test_an_unreadable_entry_is_skipped_and_counted(office: Office) -> None:
    await office.say(3, more=(b"no JSON", b'{"id":"x","client":"seven"}'))

    follower = await office.follow()
    await office.say(2, begin=3)
    await office.follow()

    assert follower.unreadable == 2
    assert await office.rows() == (5, 5)
    assert follower.lag == 0
