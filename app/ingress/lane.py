"""One partition of one topic: at most one window on its way, the next one filling behind it.

One at a time keeps the order and makes the batches as large as the broker is slow, without a setting to
tune; each waiting request has a future of its own and learns what became of its record.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from app.ingress.producer import Batch, LiveProducer, Producer

PATIENCE: Final = 1.5
"""Seconds without Kafka's acknowledgement after which we call it away; with the watch, under 2."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Load:
    """What waits for Kafka, in all lanes."""

    records: int = 0
    size: int = 0


@dataclass(slots=True)
class Window:
    """Records that leave together, and the futures of those who wait for them."""

    records: list[tuple[bytes | None, bytes, Sequence[tuple[str, bytes]]]] = field(default_factory=list)
    waiting: list[asyncio.Future[bool]] = field(default_factory=list)
    size: int = 0
    since: float = 0.0

    def tell(self, load: Load, *, kept: bool) -> None:
        """Tell all who wait what became of their records."""
        load.records -= len(self.waiting)
        load.size -= self.size
        for each in self.waiting:
            if not each.done():
                each.set_result(kept)
        self.waiting = []
        self.size = 0


class Lane:
    """Takes records for one partition and tells whether Kafka has them."""

    def __init__(self, topic: str, partition: int, producer: LiveProducer, load: Load) -> None:
        self._topic = topic
        self._partition = partition
        self._producer = producer
        self._load = load
        self._loop = asyncio.get_running_loop()
        self._filling = Window()
        self._sent: Window | None = None
        self._task: asyncio.Task[None] | None = None
        self.arrived: Callable[[], None] = lambda: None
        """Called when the window on its way is settled, well or badly."""
        self.away = True
        """Whether Kafka does not answer for this partition; nothing is taken then."""

    @property
    def ready(self) -> bool:
        """Tell whether a window may leave."""
        return self._sent is None and bool(self._filling.records) and self._producer.now is not None

    def add(
        self, key: bytes | None, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[bool]:
        """Return a future that is True once Kafka has the record, False when that is not sure."""
        kept = self._loop.create_future()
        if self.away:
            kept.set_result(False)
            return kept
        window, size = self._filling, len(value)
        window.records.append((key, value, headers))
        window.waiting.append(kept)
        window.size += size
        self._load.records += 1
        self._load.size += size
        return kept

    def leave(self) -> None:
        """Send what has gathered, if the lane is `ready`."""
        producer = self._producer.now
        if producer is None or not self.ready:
            return
        window, self._filling = self._filling, Window()
        window.since = self._loop.time()
        self._sent = window
        self._task = self._loop.create_task(self._carry(window, producer))
        self._task.add_done_callback(partial(self._settle, window, producer))

    def watch(self, now: float) -> float:
        """Return for how long the window on its way has gone unanswered; past `PATIENCE`, give up on it.

        Its records may still arrive: those who wait are told False, which means "not sure". The first
        window that does arrive opens the lane again.
        """
        if self._sent is None:
            return 0.0
        unanswered = now - self._sent.since
        if unanswered > PATIENCE and not self.away:
            _log.warning("ingress.kafka_away", topic=self._topic, partition=self._partition)
            self._give_up()
        return unanswered

    def fresh(self) -> None:
        """Begin anew, as the old producer will not be heard of; away until there is a new one."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        self._give_up()
        self._sent = None
        self.away = self._producer.now is None

    def _give_up(self) -> None:
        self.away = True
        if self._sent is not None:
            self._sent.tell(self._load, kept=False)
        self._filling.tell(self._load, kept=False)
        self._filling = Window()

    async def _carry(self, window: Window, producer: Producer) -> None:
        batch = producer.create_batch()
        for key, value, headers in window.records:
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                await self._send(batch, producer)
                batch = producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        await self._send(batch, producer)

    async def _send(self, batch: Batch, producer: Producer) -> None:
        batch.close()  # or aiokafka would wait for more
        await (await producer.send_batch(batch, self._topic, partition=self._partition))

    def _settle(self, window: Window, producer: Producer, task: asyncio.Task[None]) -> None:
        if window is not self._sent:
            return
        self._sent = self._task = None
        error = None if task.cancelled() else task.exception()
        kept = error is None and not task.cancelled()
        window.tell(self._load, kept=kept)
        self.away = self.away and not kept
        if error is not None:
            _log.error("ingress.kafka_failed", error=type(error).__name__, topic=self._topic)
            self._producer.broken(producer)
        self.arrived()
