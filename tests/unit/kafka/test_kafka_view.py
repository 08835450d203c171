"""A compacted view whose consumer stumbles."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from structlog.testing import capture_logs

from app.kafka import compacted
from app.kafka.compacted import LONG_PAUSE, CompactedView
from tests.fakes.virtual_time import simulate

SPOT = TopicPartition("t", 0)


@dataclass(frozen=True)
class Message:
    key: bytes
    value: bytes


@dataclass
class FakeConsumer:
    """Fakes aiokafka's consumer: each read brings what is next, then nothing more."""

    next: deque[Message | KafkaError]
    read: int = field(default=0)
    stopped: bool = False
    end: int = 1_000

    def assignment(self) -> set[TopicPartition]:
        return {SPOT}

    async def end_offsets(self, _: object) -> dict[TopicPartition, int]:
        return {SPOT: self.end}

    async def stop(self) -> None:
        self.stopped = True

    async def getmany(self, timeout_ms: int) -> dict[TopicPartition, list[Message]]:
        if not self.next:
            await asyncio.sleep(timeout_ms / 1000)
            return {}
        found = self.next.popleft()
        if isinstance(found, KafkaError):
            raise found
        self.read += 1
        return {SPOT: [found]}

    async def position(self, _: TopicPartition) -> int:
        return self.read


def test_a_view_that_kafka_refused_reads_on() -> None:
    first, second = Message(b"k", b"old"), Message(b"k", b"new")
    view = CompactedView("t", {}, bytes.decode)
    view._read = {}
    view._consumer = FakeConsumer(deque([first, TopicAuthorizationFailedError("t"), second]))

    async def story() -> None:
        view._task = asyncio.create_task(view._follow())
        await view.until(lambda seen: seen.get("k") == "new")
        assert asyncio.get_running_loop().time() >= LONG_PAUSE
        view._task.cancel()

    simulate(story())


def test_a_view_that_is_given_up_before_it_is_whole_leaves_nothing_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consumer = FakeConsumer(deque())

    async def found(*_: object) -> FakeConsumer:
        return consumer

    monkeypatch.setattr(compacted, "_consumer", found)

    async def story() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await CompactedView("t", {}, bytes.decode).start()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    simulate(story())

    assert consumer.stopped


def test_what_came_too_late_long_ago_is_no_warning_to_whoever_starts_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consumer = FakeConsumer(deque([Message(b"past", b"late")]), end=1)

    async def found(*_: object) -> FakeConsumer:
        return consumer

    monkeypatch.setattr(compacted, "_consumer", found)

    async def story() -> None:
        view = CompactedView("t", {}, bytes.decode, lambda _key, value: value != "late")
        await view.start()
        consumer.next.extend([Message(b"now", b"late"), Message(b"k", b"new")])
        await view.until(lambda seen: "k" in seen)
        await view.stop()

    with capture_logs() as said:
        simulate(story())

    warned = [
        each["key"] for each in said if (each["event"], each["log_level"]) == ("value-too-late", "warning")
    ]
    assert warned == ["now"]
