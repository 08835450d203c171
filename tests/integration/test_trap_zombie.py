"""A worker that comes back from the dead: it writes nothing, and what it wrote counts for nothing."""

import asyncio
import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from app.kafka.embedded import single
from streams.loop.claims import EPOCH, headers_of
from tests.builders.run import Run
from tests.builders.traffic import ROW, an_event
from tests.integration.test_trap_frozen_kafka import frozen


def epoch(record: Any) -> int:
    return int.from_bytes(dict(record.headers).get(EPOCH, b""), "big")


async def late(run: Run, key: bytes, value: bytes, of: int) -> None:
    """Let a record of an owner of old land in the changelog now."""
    producer = AIOKafkaProducer(bootstrap_servers=run.plan.kafka)
    await producer.start()
    await producer.send_and_wait(run.plan.table.changelog, value, key, partition=0, headers=[*headers_of(of)])
    await producer.stop()


async def at_work(run: Run, name: str) -> None:
    """Return once a worker has something on its way: ready, it may not have read anything yet."""
    async with asyncio.timeout(30):
        while not (await run.ready(name))["under_way"]:  # noqa: ASYNC110  # as in `ready`
            await asyncio.sleep(0.02)


async def test_a_worker_that_wakes_when_others_have_its_partitions_ends_and_nothing_of_it_leaves(
    own_home: Path,
) -> None:
    run = Run.fresh(single.start(own_home / "kafka"), own_home, apart=500)
    await run.create()
    await run.feed(60_000)
    run.start("w1")
    await at_work(run, "w1")

    with frozen(own_home / "kafka"):  # so that all that it makes of its events piles up in it
        await asyncio.sleep(1)
        under_way = (await run.ready("w1"))["under_way"]
        run.processes["w1"].send_signal(signal.SIGSTOP)
    run.start("w2")
    await run.ready("w2", 60)
    await run.caught_up(60)
    before = await run.read(run.plan.table.changelog)
    run.processes["w1"].send_signal(signal.SIGCONT)
    code = await run.exit_code("w1")
    run.end()

    assert under_way, "nothing of it was on its way when Kafka froze"
    assert code == 70
    assert "frozen for" in run.log.read_text()
    assert len(await run.read(run.plan.table.changelog)) == len(before)
    for partition in range(run.plan.partitions):
        epochs = [epoch(record) for record in before if record.partition == partition]
        assert all(one <= next_ for one, next_ in pairwise(epochs))
        assert len({*epochs}) == 2
    assert set(await run.said()) == set(range(run.sent))
    assert await run.table() == run.right_table()


async def test_a_late_record_ends_its_owner_and_the_next_one_writes_the_right_value_behind_it(
    kafka: str, tmp_path: Path
) -> None:
    run = Run.fresh(kafka, tmp_path, partitions=1)
    await run.create()
    await run.feed(200)
    run.start()
    await run.caught_up()
    run.end()
    run.start()  # with a higher epoch
    await run.ready()
    key = an_event(object_id=7, connection=run.plan.run).key.encode()  # the next event is of another
    right = (await run.table())[key]
    highest = max(map(epoch, await run.read(run.plan.table.changelog)))

    await late(run, key, ROW.pack(0, 1, 0), of=highest - 1)
    ignored = (await run.table())[key]
    await run.feed(1)
    code = await run.exit_code()
    run.start()
    await run.caught_up()
    run.end()

    mended = [it for it in await run.read(run.plan.table.changelog) if it.key == key]
    assert (ignored, code) == (right, 70)
    assert "records of others" in run.log.read_text()
    assert [ROW.unpack(it.value) for it in mended[-2:]] == [(0, 1, 0), right]
    assert epoch(mended[-1]) > highest
    assert await run.table() == run.right_table()
