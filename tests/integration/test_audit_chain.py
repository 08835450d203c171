"""The hash chain over the real audit topic: what somebody changes afterwards is found, and named."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic
from sqlalchemy import update

from app.view.follow import Follower
from app.view.roots import Days, Root, read
from app.view.store import Moved, Store
from app.view.tables import ENTRIES
from app.view.verify import Verified, verify
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName
from tests.builders.run import make_topics
from tests.builders.terminal import Terminal
from tests.builders.view_role import ViewRole

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MANY = 600


def entry(number: int) -> bytes:
    cause = f"cause {number}"
    said = audit_id(Step.FETCH, Verdict.FETCHED, cause)
    acme = ConnectionName("acme")
    return encode(AuditEntry(id=said, connection=acme, step=Step.FETCH, verdict=Verdict.FETCHED, cause=cause))


@dataclass
class Archive:
    """An audit topic, the view of it, and its daily roots."""

    kafka: str
    home: Path
    topic: str

    @property
    def options(self) -> Mapping[str, Any]:
        return {"bootstrap_servers": self.kafka}

    async def write(self, values: list[bytes], topic: str = "") -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, linger_ms=20)
        await producer.start()
        for number, value in enumerate(values):
            at = 1_000_000 + number
            await producer.send(topic or self.topic, value, key=b"acme", partition=0, timestamp_ms=at)
        await producer.stop()

    async def follow(self) -> None:
        store = await self.open()
        days = Days(self.home / "roots", lambda: NOON)
        follower = Follower(store, self.options, self.topic)
        try:
            await follower.start()
            while await follower.step(wait=2_000):
                pass
            days.passed(follower.heads)
        finally:
            await follower.stop()
            await store.close()

    async def open(self) -> Store:
        return await Store.open(f"sqlite+aiosqlite:///{self.home}/view.sqlite")

    async def forge(self, values: list[bytes]) -> "Archive":
        """Return the archive as it is after somebody put other entries in place of the topic's."""
        forged = Archive(self.kafka, self.home, f"{self.topic}-forged")
        await make_topics(self.kafka, [NewTopic(forged.topic, 1, 1)])
        await forged.write(values)
        return forged

    async def verified(self, roots: list[Root] | None = None) -> Verified:
        store = await self.open()
        known = read(self.home / "roots") if roots is None else roots
        try:
            return await verify(store, self.options, known, lambda _done, _all: None, self.topic)
        finally:
            await store.close()


@pytest.fixture
async def archive(kafka: str, tmp_path: Path) -> Archive:
    archive = Archive(kafka, tmp_path, f"audit-{token_hex(4)}")
    await make_topics(kafka, [NewTopic(archive.topic, 1, 1)])
    await archive.write([entry(number) for number in range(MANY)])
    await archive.follow()
    return archive


async def test_what_nobody_touched_is_what_it_was(archive: Archive) -> None:
    found = await archive.verified()

    assert (found.entries, found.differences, found.witnesses) == (MANY, [], 4)


async def test_partitions_that_hold_nothing_yet_keep_nobody_waiting(kafka: str, tmp_path: Path) -> None:
    archive = Archive(kafka, tmp_path, f"audit-{token_hex(4)}")
    await make_topics(kafka, [NewTopic(archive.topic, 4, 1)])
    await archive.write([entry(1)])

    verifying = asyncio.create_task(archive.verified([]))
    done, _ = await asyncio.wait([verifying], timeout=10)  # a timeout's cancelling would end the wait unseen
    verifying.cancel()

    assert [(it.result().entries, it.result().differences) for it in done] == [(1, [])]


async def test_a_changed_entry_is_named(archive: Archive) -> None:
    values = [entry(number) for number in range(MANY)]
    values[300] = values[300].replace(b"cause 300", b"cause 3OO")
    forged = await archive.forge(values)

    (difference,) = (await forged.verified()).differences

    assert (difference.first, difference.what) == (300, "was changed")


async def test_entries_cut_off_the_end_are_named(archive: Archive) -> None:
    forged = await archive.forge([entry(number) for number in range(MANY - 1)])

    (difference,) = (await forged.verified()).differences

    assert (difference.first, difference.what) == (MANY - 1, "is missing")


async def test_a_daily_root_convicts_a_topic_whose_view_was_built_anew(archive: Archive) -> None:
    forged = await archive.forge([entry(number if number != 300 else 9_999) for number in range(MANY)])
    given_away = read(archive.home / "roots")
    store = await archive.open()
    await store.clear()
    await store.close()
    await forged.follow()

    (difference,) = (await forged.verified(given_away)).differences

    assert difference.who == "the root of 2026-11-27"
    assert difference.low <= 300 <= difference.high


async def test_a_view_that_was_tampered_with_is_not_taken_for_the_topic(archive: Archive) -> None:
    store = await archive.open()
    async with store.engine.begin() as database:
        await database.execute(update(ENTRIES).where(ENTRIES.c.offset == 3).values(entry="{}"))
    await store.close()

    assert (await archive.verified()).differences == []


async def test_two_views_at_one_database_do_not_store_an_entry_twice(archive: Archive) -> None:
    store = await archive.open()
    heads = await store.heads()
    stale = {0: heads[0]._replace(offset=heads[0].offset - 1)}

    with pytest.raises(Moved):
        await store.follow([], stale, {0: [heads[0]]})

    await store.close()


async def test_at_a_terminal_the_view_is_built_anew_and_the_audit_verified(
    kafka: str, tmp_path: Path
) -> None:
    shell = await Terminal.opened(tmp_path, kafka)
    role = ViewRole(tmp_path, kafka, f"view-{token_hex(4)}")
    await role.start()
    try:
        await role.write(300)
        await role.shows_all()

        rebuilt, _, _ = await shell.run("view", "rebuild", "--yes")
        _, stands, _ = await shell.run("view", "status", "--json")
        proved, told, _ = await shell.run("audit", "verify", "--json")
        _, roots, _ = await shell.run("audit", "roots", "--json")

        assert (rebuilt, proved) == (0, 0)
        assert orjson.loads(stands)["lag"] == 0
        assert orjson.loads(told)["differences"] == []
        assert orjson.loads(told)["entries"] >= 300
        assert len(orjson.loads(roots)["roots"]) == 1
        assert role.rows() == 300
    finally:
        await role.stop()
