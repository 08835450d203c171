"""Intake: what is put here is in Kafka, on all its in-sync replicas, before anyone is told so."""

import asyncio
from typing import Final

from app.ingress.lane import Lane, Load
from app.ingress.producer import LiveProducer
from app.ingress.rounds import Rounds
from app.kafka.partition import partition_of
from streams.codec import encode
from streams.domain.message import Value
from streams.loop.envelope import address, headers
from streams.topics import AUDIT, EVENTS, GRANT_REQUESTS, GRANTS

TOPICS: Final = (EVENTS.name, GRANT_REQUESTS.name, AUDIT.name, GRANTS.name)
"""What the ingress writes."""
MOST_RECORDS: Final = 20_000
MOST_BYTES: Final = 64 * 2**20
"""What may wait for Kafka at a time; more is answered 503 at once."""
WATCH: Final = 0.25
"""Seconds between two looks at the lanes."""
GIVE_UP: Final = 8.0
"""Seconds without an answer after which the producer itself is replaced: time to ask twice and more. A
broker cut off from its peers is asked again and again, as aiokafka takes its time-outs for no news."""


class Intake:
    """Takes values and tells whether Kafka has them."""

    def __init__(self, producer: LiveProducer, partitions: int) -> None:
        self._producer = producer
        self._partitions = partitions
        self._load = Load()
        self._loop = asyncio.get_running_loop()
        self._lanes = {
            (topic, n): Lane(topic, n, producer, self._load) for topic in TOPICS for n in range(partitions)
        }
        self._rounds = Rounds(tuple(self._lanes.values()))
        self._watching: asyncio.Task[None] | None = None
        producer.changed = self._begin_anew

    @property
    def open(self) -> bool:
        """Tell whether Kafka answers for every partition."""
        return not any(lane.away for lane in self._lanes.values())

    @property
    def waiting(self) -> int:
        """How many records wait for Kafka."""
        return self._load.records

    def start(self) -> None:
        """Begin to look for Kafka; until it is found nothing is kept."""
        self._producer.start()
        self._watching = asyncio.create_task(self._watch())

    def put(self, value: Value) -> asyncio.Future[bool]:
        """Return a future that is True once `value` is in Kafka for good, False when that is not sure."""
        topic, key = address(value)
        if self._load.records >= MOST_RECORDS or self._load.size >= MOST_BYTES:
            refused = self._loop.create_future()
            refused.set_result(False)
            return refused
        lane = self._lanes[topic, partition_of(key or b"", self._partitions)]
        self._rounds.call()
        return lane.add(key, encode(value), headers(value))

    async def drain(self, patience: float) -> None:
        """Wait until nothing waits any more, at most `patience` seconds."""
        until = self._loop.time() + patience
        while self._load.records and self._loop.time() < until:  # noqa: ASYNC110  # once, at the end
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Let go of Kafka; whoever still waits is told that nothing is sure."""
        if self._watching is not None:
            self._watching.cancel()
        await self._producer.stop()
        self._begin_anew()

    def _begin_anew(self) -> None:
        for lane in self._lanes.values():
            lane.fresh()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH)
            now = self._loop.time()
            producer = self._producer.now
            longest = max(lane.watch(now) for lane in self._lanes.values())
            if longest > GIVE_UP and producer is not None:
                self._producer.broken(producer)
