"""A compacted topic as a read-only mapping: how every process knows the grants and the connections."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any, Generic, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from app.kafka.ending import ended
from app.kafka.failures import TopicMissing
from app.kafka.inventory import administering, existing
from streams.domain.errors import Permanent, Unreachable

V = TypeVar("V")

PAUSE = 0.2
"""Seconds until Kafka is asked again after it gave no answer."""
LONG_PAUSE = 1.0
"""Seconds until a read is tried again that Kafka refused."""

log = structlog.get_logger()


class CompactedView(Mapping[str, V], Generic[V]):
    """The newest value of every key of a topic, kept current by a task of its own.

    No consumer group and no commits: each process reads the whole topic for itself. Brokers may go
    and come; meanwhile the view shows what it knew. A value that cannot be decoded is no value.
    """

    def __init__(
        self,
        topic: str,
        options: Mapping[str, Any],
        decode: Callable[[bytes], V],
        counts: Callable[[str, V | None], bool] = lambda _key, _value: True,
    ) -> None:
        self._topic = topic
        self._options = options
        self._decode = decode
        self._counts = counts
        """Told every record in the order of the log; what does not count leaves the view as it is."""
        self._values: dict[str, V] = {}
        self._change = asyncio.Event()
        self._step = asyncio.Event()
        self._whole = False
        """All that the topic held at the start is here."""

    async def start(self) -> None:
        """Begin to follow, and return when all that the topic held is here.

        Waits for Kafka as long as it takes.

        Raises:
            TopicMissing: the topic does not exist.
        """
        self._consumer = await _consumer(self._topic, self._options)
        self._partitions = tuple(self._consumer.assignment())
        self._read = dict.fromkeys(self._partitions, 0)
        self._task = asyncio.create_task(self._follow(), name=f"view of {self._topic}")
        async with AsyncExitStack() as unless_whole:  # who gives up meanwhile has no view to stop
            unless_whole.push_async_callback(self.stop)
            await self.caught_up()
            self._whole = True
            unless_whole.pop_all()

    async def stop(self) -> None:
        """Stop following; what is known stays readable."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._consumer.stop()

    async def caught_up(self) -> None:
        """Return when the view shows everything that was in the topic at the moment of this call."""
        ends = await self._ends()
        while any(self._read[tp] < end for tp, end in ends.items()):
            await self._moved()

    async def changed(self) -> None:
        """Return at the next change of any key."""
        await _either(self._change.wait(), self._task)

    async def until(self, holds: Callable[[Mapping[str, V]], bool]) -> None:
        """Return when `holds` is true of the view; no change is missed between two looks."""
        while not holds(self):
            await self.changed()

    def __getitem__(self, key: str) -> V:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._values))

    def __len__(self) -> int:
        return len(self._values)

    async def _moved(self) -> None:
        await _either(self._step.wait(), self._task)

    async def _ends(self) -> dict[TopicPartition, int]:
        while True:
            try:
                return dict(await self._consumer.end_offsets(self._partitions))
            except KafkaError:
                await asyncio.sleep(PAUSE)

    async def _follow(self) -> None:
        """Read on for ever: a view that ended would go on showing what was true then."""
        while True:
            try:
                await self._read_on()
            except KafkaError as refused:
                log.warning("view-waits", topic=self._topic, error=type(refused).__name__)
                await asyncio.sleep(LONG_PAUSE)

    async def _read_on(self) -> None:
        batches = await self._consumer.getmany(timeout_ms=500)
        for tp, batch in batches.items():
            for message in batch:
                self._keep(message.key, message.value)
            self._read[tp] = await self._consumer.position(tp)
        if batches:
            self._change = _ring(self._change)
        self._step = _ring(self._step)

    def _keep(self, key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode(errors="replace")
        try:
            found = None if value is None else self._decode(value)
        except Permanent as wrong:
            log.warning("value-unreadable", topic=self._topic, key=name, code=wrong.code)
            self._values.pop(name, None)
            return
        if not self._counts(name, found):
            say = log.warning if self._whole else log.debug  # what is long past was said when it happened
            say("value-too-late", topic=self._topic, key=name)
            return
        self._values.pop(name, None)
        if found is not None:
            self._values[name] = found


async def _consumer(topic: str, options: Mapping[str, Any]) -> AIOKafkaConsumer:
    """Return a started consumer of all partitions of `topic`, from their beginning.

    Without "earliest" the first fetch would race the end of the log, and now and then start there.
    """
    partitions = await _partitions(topic, options)
    while True:
        consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", enable_auto_commit=False)
        try:
            await consumer.start()
        except KafkaError:
            await ended(consumer.stop())
            await asyncio.sleep(PAUSE)
        except asyncio.CancelledError:
            await ended(consumer.stop())
            raise
        else:
            consumer.assign(partitions)
            return consumer


async def _partitions(topic: str, options: Mapping[str, Any]) -> list[TopicPartition]:
    while True:
        try:
            async with administering(options) as admin:
                found = await existing(admin, [topic])
        except Unreachable:
            await asyncio.sleep(PAUSE)
            continue
        if topic not in found:
            raise TopicMissing(topic)
        return [TopicPartition(topic, number) for number in range(found[topic].partitions)]


def _ring(bell: asyncio.Event) -> asyncio.Event:
    """Wake all who wait for `bell` and return the one for the next time."""
    bell.set()
    return asyncio.Event()


async def _either(waited: Any, task: "asyncio.Task[None]") -> None:
    """Wait for `waited`, unless `task`, which would bring it about, ended: then raise why."""
    waiting = asyncio.ensure_future(waited)
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if task.done():
        task.result()
