"""A compacted topic as a mapping, on a real broker."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import NewTopic

from app.kafka.compacted import CompactedView
from app.kafka.embedded import single
from app.kafka.failures import TopicMissing
from app.kafka.inventory import administering, await_leaders
from app.kafka.producer import make_producer, produce, producing
from app.kafka.topics import create
from app.settings import load
from streams.codec import decode
from streams.domain.connection import Connection
from streams.domain.errors import Undecodable, Unreachable
from streams.domain.identity import ConnectionName


def text(raw: bytes) -> str:
    if raw == b"unreadable":
        message = "not text"
        raise Undecodable(message)
    return raw.decode()


@pytest.fixture
async def topic(kafka: str) -> str:
    name = f"t-{uuid.uuid4().hex}"  # noqa: TID251 - a test names its own topic
    await _make(kafka, name)
    return name


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    started = make_producer({"bootstrap_servers": kafka})
    await started.start()
    yield started
    await started.stop()


async def _make(servers: str, name: str) -> None:
    async with administering({"bootstrap_servers": servers}) as admin:
        await admin.create_topics([NewTopic(name, 3, 1, topic_configs={"cleanup.policy": "compact"})])
        await await_leaders(admin, [name])


async def _following(servers: str, topic: str) -> CompactedView[str]:
    view = CompactedView(topic, {"bootstrap_servers": servers}, text)
    await view.start()
    return view


async def test_a_view_starts_with_the_newest_value_of_every_key(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    for n in range(200):
        await producer.send(topic, str(n).encode(), f"key-{n % 50}".encode())
    await producer.flush()

    view = await _following(kafka, topic)

    assert dict(view) == {f"key-{n % 50}": str(n) for n in range(150, 200)}
    await view.stop()


async def test_twenty_starts_never_begin_at_the_end(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    # Trap 10: without "earliest" the first fetch now and then starts at the end, and finds nothing.
    for n in range(100):
        await producer.send(topic, b"x", str(n).encode())
    await producer.flush()

    for _ in range(20):
        view = await _following(kafka, topic)
        assert len(view) == 100
        await view.stop()


async def test_caught_up_means_that_what_was_written_before_is_seen(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    view = await _following(kafka, topic)

    for n in range(20):
        await producer.send_and_wait(topic, str(n).encode(), b"key")
        await view.caught_up()
        assert view["key"] == str(n)

    await view.stop()


async def test_a_tombstone_removes_and_an_unreadable_value_is_no_value(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    await producer.send_and_wait(topic, b"1", b"gone")
    await producer.send_and_wait(topic, b"1", b"bad")
    view = await _following(kafka, topic)
    assert set(view) == {"gone", "bad"}

    await producer.send_and_wait(topic, None, b"gone")
    await producer.send_and_wait(topic, b"unreadable", b"bad")
    await view.caught_up()

    assert dict(view) == {}
    await view.stop()


async def test_a_waiter_wakes_at_the_change_it_waits_for(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    view = await _following(kafka, topic)
    waiting = asyncio.create_task(view.until(lambda seen: seen.get("grant", "0") >= "2"))

    await producer.send_and_wait(topic, b"1", b"grant")
    await view.caught_up()
    await asyncio.sleep(0)
    assert not waiting.done()

    await producer.send_and_wait(topic, b"2", b"grant")
    async with asyncio.timeout(5):
        await waiting
    await view.stop()


async def test_an_empty_topic_is_an_empty_view_at_once(kafka: str, topic: str) -> None:
    async with asyncio.timeout(5):
        view = await _following(kafka, topic)

    assert len(view) == 0
    await view.stop()


async def test_a_topic_that_does_not_exist_is_told_at_once(kafka: str) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(TopicMissing, match="the topic nowhere does not exist"):
            await _following(kafka, "nowhere")


async def test_a_view_survives_the_death_of_its_broker(own_home: Path) -> None:
    home = own_home / "kafka"
    servers = single.start(home)
    await _make(servers, "grants")
    view = await _following(servers, "grants")
    options: dict[str, Any] = {"bootstrap_servers": servers}
    async with producing(options) as writer:
        await writer.send_and_wait("grants", b"before", b"key")
    await view.caught_up()
    node = single.find(home)
    assert node is not None

    node.kill()
    assert view["key"] == "before"
    await asyncio.to_thread(single.start, home)
    async with producing(options) as writer:
        await writer.send_and_wait("grants", b"after", b"key")
    async with asyncio.timeout(20):
        await view.caught_up()

    assert view["key"] == "after"
    await view.stop()


async def test_values_are_produced_under_their_own_topic_key_and_headers(own_home: Path) -> None:
    settings = load(home=own_home)
    options: dict[str, Any] = {"bootstrap_servers": await asyncio.to_thread(single.start, own_home / "kafka")}
    async with administering(options) as admin:
        await create(admin, settings)
    acme = Connection(name=ConnectionName("acme"))

    async with producing(options) as writer:
        await produce(writer, [acme, acme.model_copy(update={"paused": True})])

    view = CompactedView("freshforce.connections", options, lambda raw: decode(Connection, raw))
    await view.start()
    assert dict(view) == {"acme": acme.model_copy(update={"paused": True})}
    await view.stop()


async def test_without_a_broker_a_command_is_told_so() -> None:
    with pytest.raises(Unreachable, match="Kafka gave no usable answer: KafkaConnectionError"):
        async with producing({"bootstrap_servers": "127.0.0.1:9"}):
            pass
