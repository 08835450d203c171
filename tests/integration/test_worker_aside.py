"""A vendor that is silent for one connection, on a real Kafka: the other of its partition goes on."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from app.worker.followed import Followed
from app.worker.stores import Partitions, Rows
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry
from streams.topics import AUDIT
from tests.builders.run import Run, make_topics
from tests.builders.traffic import ROW, an_event

ROOM = 40
OTHER, SILENT = 1, 0


def connection(run: Run, number: int) -> str:
    return f"{run.plan.run}-{'other' if number % 2 else 'silent'}"


async def feed(run: Run, count: int) -> None:
    """Send numbered events: the odd ones are the other connection's, the even ones the silent one's."""
    producer = AIOKafkaProducer(bootstrap_servers=run.plan.kafka, linger_ms=5, enable_idempotence=True)
    await producer.start()
    for number in range(run.sent, run.sent + count):
        event = an_event(number, object_id=number % 2 + 1, connection=connection(run, number))
        await producer.send(run.plan.run, encode(event), event.key.encode(), partition=0)
    await producer.stop()
    run.sent += count


async def said(run: Run, whose: int) -> list[int]:
    """Return the numbers that came out for one connection, in their order, each at its first time."""
    entries = [decode(AuditEntry, record.value) for record in await run.read(AUDIT.name)]
    numbers = [int(entry.cause) for entry in entries if entry.connection == connection(run, whose)]
    return [*dict.fromkeys(numbers)]


async def until_all_is_said(run: Run, whose: int) -> None:
    async with asyncio.timeout(60):
        while len(await said(run, whose)) < run.sent // 2:  # noqa: ASYNC110  # Kafka does not tell
            await asyncio.sleep(0.2)


async def until_reported(run: Run, name: str, true: Callable[[dict[str, Any]], bool]) -> None:
    async with asyncio.timeout(30):
        while not true(await run.ready(name)):  # noqa: ASYNC110  # the worker does not tell
            await asyncio.sleep(0.1)


async def table(run: Run) -> dict[bytes, tuple[int, int, int]]:
    held = Partitions(run.plan.table, Rows)
    held.take(0, await run.read(run.plan.table.changelog))
    return {key: ROW.unpack(row) for key, row in held.journal(0).items()}


async def test_a_silent_vendor_holds_up_its_own_connection_alone_and_nothing_of_it_is_lost(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, partitions=1, apart=2, room=ROOM)
    await run.create()
    compact = {"cleanup.policy": "compact"}
    await make_topics(kafka, [NewTopic(run.plan.aside.changelog, 1, 1, topic_configs=compact)])
    mended = tmp_path / "mended"
    aside = Followed({"bootstrap_servers": kafka}, [run.plan.aside])
    await aside.start()
    await feed(run, 10 * ROOM)
    run.start(fail=f"silent:{mended}")
    try:
        await until_all_is_said(run, OTHER)
        assert await said(run, SILENT) == []
        await until_reported(run, "w1", lambda it: bool(it["aside"]) and it["lag"][run.plan.run] > 0)
        await run.caught_up()

        run.processes["w1"].send_signal(signal.SIGKILL)
        await run.exit_code("w1")
        await feed(run, 4 * ROOM)
        run.start(fail=f"silent:{mended}")
        await until_all_is_said(run, OTHER)
        assert await said(run, SILENT) == []
        assert await aside.keys() == {connection(run, SILENT).encode()}

        run.start("w2", fail=f"silent:{mended}")
        run.processes["w1"].terminate()
        assert await run.exit_code("w1") == 0
        await until_reported(run, "w2", lambda it: bool(it["aside"]))

        mended.touch()
        await until_all_is_said(run, SILENT)
        await until_reported(run, "w2", lambda it: not it["aside"] and not it["lag"][run.plan.run])
        assert await aside.rows() == 0
    finally:
        run.end()
        await aside.stop()

    for whose in (SILENT, OTHER):
        assert await said(run, whose) == [*range(whose, run.sent, 2)]
    half, last = run.sent // 2, run.sent - 1
    keys = {whose: an_event(object_id=whose + 1, connection=connection(run, whose)).key for whose in (0, 1)}
    assert await table(run) == {keys[0].encode(): (last - 1, half, 0), keys[1].encode(): (last, half, 0)}
    log = run.log.read_text()
    assert "connection.aside" in log
    assert "connection.back" in log
