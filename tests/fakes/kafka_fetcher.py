"""aiokafka's fetcher with what it has fetched, and no Kafka to fetch more from."""

from collections.abc import Iterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.structs import ConsumerRecord


class Fetched(Fetcher):  # type: ignore[misc]  # aiokafka is untyped
    """The real one, whose routine does not run."""

    def __init__(self, consumer: Any, loop: Any) -> None:
        self._subscriptions, self._loop = consumer._subscription, loop
        self._records: dict[TopicPartition, FetchResult] = {}
        self._fetch_waiters: set[Any] = set()
        self._wait_consume_future, self._closed = None, False

    def come(self, tp: TopicPartition, offsets: range) -> None:
        """Let what stands at `offsets` be fetched, as read on from there."""
        assignment = self._subscriptions.subscription.assignment
        assignment.state_value(tp).seek(offsets.start)
        records = Records(tp, offsets)
        self._records[tp] = FetchResult(tp, assignment=assignment, partition_records=records, backoff=0)
        for waiter in self._fetch_waiters:
            self._notify(waiter)


class Records:
    """What one fetch brought of one partition."""

    def __init__(self, tp: TopicPartition, offsets: range) -> None:
        self._tp = tp
        self.next_fetch_offset, self._end = offsets.start, offsets.stop

    def __iter__(self) -> Iterator[ConsumerRecord[bytes, bytes]]:
        while self.next_fetch_offset < self._end:
            self.next_fetch_offset += 1
            yield ConsumerRecord(*self._tp, self.next_fetch_offset - 1, 0, 0, None, b"", None, -1, 0, ())
