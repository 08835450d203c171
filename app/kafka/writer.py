"""Writing now and then, for as long as a process lives."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiokafka import AIOKafkaProducer

from app.kafka.producer import bury, close, make_producer, produce, started
from streams.domain.errors import Unreachable
from streams.domain.message import Value
from streams.topics import Topic


@dataclass(slots=True)
class Writer:
    """Writes values; a producer that failed once is replaced.

    An idempotent producer that lost a write may stay broken for good (aiokafka #1017), and then whoever
    asks for a new token would ask in vain until somebody restarts the process.
    """

    make: Callable[[], AIOKafkaProducer]
    _producer: AIOKafkaProducer | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self, *values: Value) -> None:
        """Put values into Kafka, in order; return when all are acknowledged.

        Raises:
            Unreachable: as `produce`; write all of them again.
        """
        producer = await self.ready()
        try:
            await produce(producer, values)
        except Unreachable:
            await self._retire(producer)
            raise

    async def erase(self, topic: Topic, *keys: str) -> None:
        """Put tombstones into a compacted topic: the keys are gone for every reader, in time for the disk.

        Raises:
            Unreachable: as `produce`; erase all of them again.
        """
        producer = await self.ready()
        try:
            await bury(producer, topic, keys)
        except Unreachable:
            await self._retire(producer)
            raise

    async def ready(self) -> AIOKafkaProducer:
        """Return the producer, a new one when there is none.

        Raises:
            Unreachable: no broker answers.
        """
        async with self._turn:
            if self._producer is None:
                self._producer = await started(self.make())
            return self._producer

    async def close(self) -> None:
        """Let go of Kafka."""
        if self._producer is not None:
            await self._retire(self._producer)

    async def _retire(self, producer: AIOKafkaProducer) -> None:
        if producer is self._producer:
            self._producer = None
            await close(producer)


@asynccontextmanager
async def writing(options: Mapping[str, Any]) -> AsyncIterator[Writer]:
    """Lend a writer; `options` come from `client_options`.

    Raises:
        Unreachable: no broker answers.
    """
    writer = Writer(partial(make_producer, options))
    await writer.ready()
    try:
        yield writer
    finally:
        await writer.close()
