"""The process' one Kafka producer, replaced whenever it breaks.

An idempotent producer that failed once stays broken: aiokafka leaves a hole in its sequence numbers, or
is fenced for good (aiokafka #1017). So any failure retires it, and a new one with a new identity takes
over as soon as Kafka answers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, Protocol

import structlog
from aiokafka.errors import KafkaError

from app.ingress.tally import Tally

PAUSE: Final = 0.5
"""Seconds between attempts to reach Kafka."""
START: Final = 8.0
"""Seconds one attempt may take; a broker that came back answers in far less."""

_log = structlog.get_logger(__name__)


class Batch(Protocol):
    """Records that travel as one."""

    def append(
        self, *, timestamp: int | None, key: bytes | None, value: bytes | None, headers: Sequence[Any]
    ) -> object | None:
        """Add a record; None when the batch is full."""
        ...

    def close(self) -> None:
        """Let nothing more in: the batch leaves at once."""
        ...


class Producer(Protocol):
    """aiokafka's producer, as far as we use it."""

    async def start(self) -> None:
        """Connect and get an identity."""
        ...

    async def stop(self) -> None:
        """Send what is under way, then disconnect."""
        ...

    async def partitions_for(self, topic: str) -> set[int]:
        """Return the partitions of `topic`."""
        ...

    def create_batch(self) -> Batch:
        """Return an empty batch."""
        ...

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Awaitable[object]:
        """Queue a batch; the result is done when Kafka has acknowledged it."""
        ...


Close = Callable[[Any], Coroutine[Any, Any, None]]
"""Ends a producer, in bounded time whatever Kafka does."""


class LiveProducer:
    """Gives out the producer while there is one, and looks for a new one when it broke."""

    def __init__(
        self,
        make: Callable[[], Producer],
        close: Close,
        topics: Sequence[str],
        tally: Tally,
    ) -> None:
        self._make = make
        self._close = close
        self._topics = topics
        self._tally = tally
        self._tasks: set[asyncio.Task[None]] = set()
        self.now: Producer | None = None
        self.changed: Callable[[], None] = lambda: None
        """Called when the producer is lost, and when a new one is found."""

    def start(self) -> None:
        """Begin to look for Kafka; `now` is set when it is found."""
        self._begin(self._find())

    def broken(self, producer: Producer) -> None:
        """Retire `producer`; a second report about it changes nothing."""
        if producer is self.now:
            self.now = None
            self._tally.rebuilt += 1
            self.changed()
            self._begin(self._close(producer))  # beside the search: Kafka may be slow to let it go
            self._begin(self._find())

    async def stop(self) -> None:
        """Stop looking, and let go of the producer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        producer, self.now = self.now, None
        if producer is not None:
            await self._close(producer)

    def _begin(self, chore: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(chore)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find(self) -> None:
        while (producer := await self._attempt()) is None:  # noqa: ASYNC110  # Kafka gives no sign
            await asyncio.sleep(PAUSE)
        self.now = producer
        self.changed()
        _log.info("ingress.kafka_found")

    async def _attempt(self) -> Producer | None:
        producer = self._make()
        try:
            async with asyncio.timeout(START):
                await producer.start()
                for topic in self._topics:
                    await producer.partitions_for(topic)
        except (KafkaError, TimeoutError, OSError) as error:
            _log.warning("ingress.kafka_away", error=type(error).__name__)
            await self._close(producer)
            return None
        except asyncio.CancelledError:
            await self._close(producer)
            raise
        return producer
