"""Three nodes: what one node's death does, and what two deaths do."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from app.kafka.embedded.cluster import Cluster, cluster
from app.kafka.inventory import administering, await_leaders, existing
from app.kafka.producer import close, make_producer

TOPIC = "fault"


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Cluster]:
    nodes = cluster(tmp_path)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.stop()


async def _prepare(nodes: Cluster) -> None:
    async with administering({"bootstrap_servers": nodes.servers}) as admin:
        await admin.create_topics([NewTopic(TOPIC, 3, 3, topic_configs={"min.insync.replicas": "2"})])
        await await_leaders(admin, [TOPIC])
        async with asyncio.timeout(30):
            while not (found := await existing(admin, [TOPIC])):  # noqa: ASYNC110  # nothing wakes us
                await asyncio.sleep(0.05)  # any node answers, and one may lag
        assert found[TOPIC].replication == 3


async def _write_all(producer: AIOKafkaProducer, values: range) -> None:
    for value in values:
        await producer.send_and_wait(TOPIC, str(value).encode(), partition=value % 3)


async def test_one_dead_node_loses_nothing_two_dead_nodes_accept_nothing(three: Cluster) -> None:
    await _prepare(three)
    producer = make_producer({"bootstrap_servers": three.servers}, request_timeout_ms=20_000)
    await producer.start()
    try:
        await _write_all(producer, range(30))

        three.kill(1)
        await _write_all(producer, range(30, 60))

        three.restart(1)
        await _write_all(producer, range(60, 90))
    finally:
        await producer.stop()

    waiting = make_producer({"bootstrap_servers": three.servers})
    await waiting.start()
    await _write_all(waiting, range(90, 93))
    three.kill(2)
    three.kill(3)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(6):
            await waiting.send_and_wait(TOPIC, b"never", partition=0)
    async with asyncio.timeout(3):
        await close(waiting, patience=1)
