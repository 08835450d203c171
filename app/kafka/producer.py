"""The producer that every process has one of: idempotent, acknowledged by all replicas in sync."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from app.kafka.failures import KafkaAway
from streams.codec import encode
from streams.domain.message import Value
from streams.loop.envelope import address, headers
from streams.topics import Topic

LARGEST = 4 << 20
"""Bytes of the largest request: a dead letter carries its original in base64, a third larger."""

PATIENCE = 15.0
"""Seconds until a write counts as not acknowledged: brokers hand over their partitions in fewer."""


def make_producer(options: Mapping[str, Any], *, request_timeout_ms: int = 15_000) -> AIOKafkaProducer:
    """Return a producer, not yet started; `options` come from `client_options`.

    Being idempotent it never gives a batch up, and its `stop` waits for the last one: whoever waits for
    an acknowledgement bounds the wait himself, and ends the producer with `close`.
    """
    return AIOKafkaProducer(
        **options,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=262_144,
        max_request_size=LARGEST,
        request_timeout_ms=request_timeout_ms,
    )


async def produce(producer: AIOKafkaProducer, values: Iterable[Value], patience: float = PATIENCE) -> None:
    """Send `values` in order and return when Kafka has acknowledged every one.

    For writers of few values (commands, the keeper of grants); the loop writes whole batches.

    Raises:
        KafkaAway: Kafka did not acknowledge all of them within `patience` seconds; some may be, or
            still become, written. Sending all again does no harm.
    """
    try:
        async with asyncio.timeout(patience):
            sent = [await _send(producer, value) for value in values]
            await asyncio.gather(*sent)
    except (KafkaError, TimeoutError) as error:
        raise KafkaAway(type(error).__name__) from None


async def bury(producer: AIOKafkaProducer, topic: Topic, keys: Iterable[str]) -> None:
    """Send a tombstone for each of `keys` and return when Kafka has acknowledged every one.

    Raises:
        KafkaAway: as `produce`.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            sent = [await producer.send(topic.name, None, key.encode()) for key in keys]
            await asyncio.gather(*sent)
    except (KafkaError, TimeoutError) as error:
        raise KafkaAway(type(error).__name__) from None


async def _send(producer: AIOKafkaProducer, value: Value) -> "asyncio.Future[Any]":
    topic, key = address(value)
    sent: asyncio.Future[Any] = await producer.send(topic, encode(value), key, headers=headers(value))
    return sent


async def started(producer: AIOKafkaProducer) -> AIOKafkaProducer:
    """Start `producer` and return it; one that does not start is closed.

    Raises:
        KafkaAway: no broker answers.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            await producer.start()
    except asyncio.CancelledError:
        await close(producer)
        raise
    except (KafkaError, TimeoutError) as error:
        await close(producer)
        raise KafkaAway(type(error).__name__) from None
    return producer


async def close(producer: AIOKafkaProducer, patience: float = 5.0) -> None:
    """End `producer` in order; when it broke, or after `patience` seconds, let go of what Kafka did not take.

    Letting go waits for the request under way, at most as long as a request may take.
    """
    try:
        async with asyncio.timeout(patience):
            await producer.flush()  # first, as `stop` would leave a task behind that flushes for ever
            await producer.stop()
    except (KafkaError, TimeoutError):
        await producer._sender.close()  # noqa: SLF001 - stop() has no way to give up; a test guards the names
        await producer.client.close()
        producer._closed = True  # noqa: SLF001 - as above


@asynccontextmanager
async def producing(options: Mapping[str, Any]) -> AsyncIterator[AIOKafkaProducer]:
    """Lend a started producer, for commands that write a value and end.

    Raises:
        KafkaAway: no broker answers.
    """
    producer = await started(make_producer(options))
    try:
        yield producer
    finally:
        await close(producer)
