"""Rows F28, F29 and F30: disks that are full, and files that are damaged.

A full disk is one whose files cannot grow (tests.fakes.full_disk). What the worker holds is in memory and
in its changelogs, so nothing of it can be full or damaged; what is on a disk is Kafka's log and the view.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex

import pytest
from aiokafka.admin import NewTopic

from app.bench.kept import kept
from app.kafka.embedded import single
from app.kafka.embedded.diagnosis import diagnose
from app.kafka.embedded.failures import DiskFull
from streams.topics import AUDIT, EVENTS
from tests.builders.ingress_role import IngressRole, Senders, an_ingress
from tests.builders.run import make_topics
from tests.builders.view_role import PARTITIONS, ViewRole
from tests.fakes.full_disk import full_disk

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs prlimit")

ROOM = 64 << 10
MISSED = "answered 200 and not in Kafka"


@pytest.fixture
async def ingress(own_home: Path) -> AsyncIterator[IngressRole]:
    servers = await asyncio.to_thread(single.start, own_home / "kafka")
    async with an_ingress(own_home, servers) as role:
        yield role


@pytest.fixture
async def view(kafka: str, tmp_path: Path) -> AsyncIterator[ViewRole]:
    await make_topics(kafka, [NewTopic(AUDIT.name, PARTITIONS, 1)])
    role = ViewRole(tmp_path, kafka, f"view-{token_hex(4)}")
    try:
        yield role
    finally:
        await role.stop()


async def test_f28_a_full_disk_under_kafka_is_503_and_200_within_5_s_when_there_is_room_again(
    ingress: IngressRole, own_home: Path
) -> None:
    """The ingress' own log stands on the same disk."""
    senders, node = Senders(ingress.it.ingress), single.find(own_home / "kafka")
    assert node is not None
    broker = node.daemon.pid()
    assert broker is not None
    assert ingress.process is not None
    async with senders.at_work(8, pause=0.01):
        await senders.until(200)
        with full_disk(broker, largest(own_home / "kafka") + ROOM), full_disk(ingress.process.pid, 0):
            await senders.until(503)
            while node.daemon.pid() is not None:  # noqa: ASYNC110  # Kafka ends by itself
                await asyncio.sleep(0.1)
            await asyncio.sleep(1)
        said = diagnose(node.output)
        await asyncio.to_thread(single.start, own_home / "kafka")
        healed = await senders.until(200)

    print(f"200 again after {healed:.2f} s")  # noqa: T201
    assert healed <= 2 * 5
    assert isinstance(said, DiskFull)
    assert senders.accepted - await kept(ingress.it.kafka, EVENTS.name) == {}, MISSED
    assert {*senders.statuses} <= {200, 503}


async def test_f29_a_full_disk_under_the_view_ends_it_and_with_room_again_nothing_is_missing(
    view: ViewRole,
) -> None:
    await view.write(100)
    pid = await view.start()
    await view.shows_all()

    with full_disk(pid, ROOM):  # files as large as they are have room within: it is written over
        await view.write(3_000)
        code = await view.ended()
    before = view.rows()
    await view.start()
    await view.shows_all()

    assert code == 70
    assert before < view.written
    assert any("process.fails" in line and "SQLITE_" in line for line in view.words), view.words


async def test_f30_a_damaged_view_is_put_aside_and_read_again_from_the_topic(view: ViewRole) -> None:
    await view.write(3_000)
    await view.start()
    await view.shows_all()
    await view.stop()
    damage(view.database)

    await view.start()
    await view.shows_all()

    assert any("view.damaged" in line for line in view.words), view.words
    assert view.database.with_name("view.sqlite.damaged").exists()


def damage(file: Path) -> None:
    """Overwrite a tenth of a file, in its middle."""
    content = bytearray(file.read_bytes())
    middle = slice(len(content) // 2, len(content) // 2 + len(content) // 10)
    content[middle] = b"\xa5" * (middle.stop - middle.start)
    file.write_bytes(content)


def largest(home: Path) -> int:
    """Return the size of the largest file in which Kafka keeps records."""
    return max(file.stat().st_size for file in home.rglob("*.log"))
