"""A writer outlives its producers."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, OutOfOrderSequenceNumber

from app.kafka.writer import Writer
from streams.domain.connection import Connection
from streams.domain.errors import Unreachable
from streams.domain.identity import ConnectionName
from tests.fakes.virtual_time import simulate

ACME = Connection(name=ConnectionName("acme"))


@dataclass
class FakeProducer:
    """Fakes aiokafka's producer: `start` and `sends` say what fails."""

    start_fails: KafkaError | None = None
    send_fails: KafkaError | None = None
    sent: list[bytes] = field(default_factory=list)
    open: bool = False

    async def start(self) -> None:
        if self.start_fails is not None:
            raise self.start_fails
        self.open = True

    async def send(self, _: str, value: bytes, *__: Any, **___: Any) -> "asyncio.Future[None]":
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.send_fails is not None:
            told.set_exception(self.send_fails)
        else:
            self.sent.append(value)
            told.set_result(None)
        return told

    async def flush(self) -> None:
        """Nothing is kept back."""

    async def stop(self) -> None:
        self.open = False


def writer(*producers: FakeProducer) -> Writer:
    left = iter(producers)
    return Writer(lambda: next(left))


def test_one_producer_serves_many_writes() -> None:
    only = FakeProducer()
    writes = writer(only)

    async def story() -> None:
        await asyncio.gather(*(writes.write(ACME) for _ in range(3)))
        await writes.close()

    simulate(story())

    assert len(only.sent) == 3
    assert not only.open


def test_a_producer_that_failed_is_replaced_at_the_next_write() -> None:
    broken, good = FakeProducer(send_fails=OutOfOrderSequenceNumber()), FakeProducer()
    writes = writer(broken, good)

    async def story() -> None:
        with pytest.raises(Unreachable):
            await writes.write(ACME)
        await writes.write(ACME)

    simulate(story())

    assert not broken.open
    assert len(good.sent) == 1


def test_while_no_broker_answers_each_write_says_so_and_looks_again() -> None:
    away, good = FakeProducer(start_fails=KafkaConnectionError()), FakeProducer()
    writes = writer(away, good)

    async def story() -> None:
        with pytest.raises(Unreachable):
            await writes.write(ACME)
        await writes.write(ACME)

    simulate(story())

    assert len(good.sent) == 1
