"""The least that does the job: a loop around `getmany`, a dict, `send`: `python -m … KAFKA RUN`.

No order among failures, no dead letters, no fence against a zombie, no table after a restart: what a
careful programmer writes in an afternoon, with the settings of our own producer.
"""

import asyncio
import signal
import sys
from asyncio import Future
from collections.abc import Iterable
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from app.bench.trade import BUSINESS
from app.kafka.producer import make_producer
from streams.codec import decode, encode
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.steps.translate import Translate
from streams.topics import RECORDS


class Rows(dict[bytes, bytes]):
    """A dict that remembers what changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed: list[tuple[bytes, bytes]] = []

    def __setitem__(self, key: bytes, value: bytes) -> None:
        super().__setitem__(key, value)
        self.changed.append((key, value))


def changelog_of(run: str) -> str:
    """Return the topic in which a run keeps its books."""
    return f"{run}-changelog"


async def main(kafka: str, run: str) -> None:
    """Translate until told to stop."""
    options = {"bootstrap_servers": kafka}
    consumer = AIOKafkaConsumer(
        RECORDS.name, **options, group_id=run, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    producer = make_producer(options)
    await producer.start()
    await consumer.start()
    loop = asyncio.ensure_future(_loop(consumer, producer, changelog_of(run)))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, loop.cancel)
    await asyncio.wait({loop})
    await consumer.stop()
    await producer.stop()
    if not loop.cancelled():
        loop.result()


async def _loop(consumer: AIOKafkaConsumer, producer: AIOKafkaProducer, changelog: str) -> None:
    ledger = Rows()
    step = Translate(ledger, {BUSINESS.name: BUSINESS})
    while True:
        sent: list[Future[Any]] = []
        for records in (await consumer.getmany(timeout_ms=200, max_records=500)).values():
            for record in records:
                for value in step(decode(Record, record.value)):
                    topic, key = address(value)
                    sent.append(
                        await producer.send(
                            topic, encode(value), key, partition=record.partition, headers=headers(value)
                        )
                    )
                sent += await _keep(producer, changelog, record.partition, ledger.changed)
                ledger.changed.clear()
        if sent:
            await asyncio.gather(*sent)
            await consumer.commit()


async def _keep(
    producer: AIOKafkaProducer, changelog: str, partition: int, changed: Iterable[tuple[bytes, bytes]]
) -> list[Future[Any]]:
    return [await producer.send(changelog, value, key, partition=partition) for key, value in changed]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
