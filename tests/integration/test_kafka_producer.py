"""Letting go of a producer that Kafka does not answer."""

import asyncio
import os
import signal
from pathlib import Path

from app.kafka.embedded import single
from app.kafka.inventory import administering
from app.kafka.producer import close, make_producer
from app.kafka.topics import create
from app.settings import load
from streams.topics import EVENTS


async def test_a_producer_that_is_let_go_while_kafka_is_frozen_leaves_nothing_running(own_home: Path) -> None:
    """Left alone it would hold its connections, and write what nobody waits for, until the process ends."""
    options = {"bootstrap_servers": await asyncio.to_thread(single.start, own_home / "kafka")}
    async with administering(options) as admin:
        await create(admin, load(home=own_home))
    before = asyncio.all_tasks()
    producer = make_producer(options, request_timeout_ms=1_000)
    await producer.start()
    node = single.find(own_home / "kafka")
    assert node is not None
    pid = node.daemon.pid()
    assert pid is not None

    os.kill(pid, signal.SIGSTOP)
    try:
        await producer.send(EVENTS.name, b"nobody waits for it")
        async with asyncio.timeout(10):
            await close(producer, patience=0.5)
    finally:
        os.kill(pid, signal.SIGCONT)

    await asyncio.sleep(0.1)
    assert asyncio.all_tasks() == before
