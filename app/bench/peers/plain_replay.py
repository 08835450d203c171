"""The least that does the job, with both steps: a loop, dicts, `send`: `python -m … KAFKA PASS`.

After a start it reads its dicts back from a topic, as slowly as it likes: that is before the first record.
"""

import asyncio
import signal
import sys
from asyncio import Future
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from app.bench.ours import PARTITIONS
from app.bench.peers.plain_loop import Rows
from app.bench.quiet_org import QuietOrg
from app.bench.trade import BUSINESS
from app.kafka.producer import make_producer
from streams.codec import decode, encode
from streams.domain.command import Command
from streams.domain.message import Value
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate
from streams.topics import APP, COMMANDS, ID_MAP, LEDGER, PARKED, RECORDS

TABLES = (LEDGER, ID_MAP, PARKED)


class Loop:
    """Both steps on dicts that remember what changed."""

    def __init__(self, producer: AIOKafkaProducer, pass_: str) -> None:
        self._producer = producer
        self._rows = {table.changelog: Rows() for table in TABLES}
        ledger, id_map, parked = self._rows.values()
        self._translate = Translate(ledger, {BUSINESS.name: BUSINESS})
        self._deliver = Deliver(QuietOrg(pass_), id_map, parked)

    async def load(self, options: Any) -> None:
        """Read the dicts back."""
        consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
        await consumer.start()
        spots = [TopicPartition(name, number) for name in self._rows for number in range(PARTITIONS)]
        consumer.assign(spots)
        ends = await consumer.end_offsets(spots)
        while left := [spot for spot in spots if await consumer.position(spot) < ends[spot]]:
            for spot, records in (await consumer.getmany(*left, timeout_ms=500)).items():
                dict.update(self._rows[spot.topic], {record.key: record.value for record in records})
        await consumer.stop()

    async def work(self, consumer: AIOKafkaConsumer) -> None:
        """Handle what comes, batch by batch."""
        while True:
            sent: list[Future[Any]] = []
            for records in (await consumer.getmany(timeout_ms=200, max_records=500)).values():
                for record in records:
                    sent += [await self._send(value, record.partition) for value in await self._said(record)]
                    sent += await self._keep(record.partition)
            if sent:
                await asyncio.gather(*sent)
                await consumer.commit()

    async def _said(self, record: ConsumerRecord) -> list[Value]:
        if record.topic == RECORDS.name:
            return [*self._translate(decode(Record, record.value))]
        command = decode(Command, record.value)
        return [*self._deliver(command, await self._deliver.ask(command))]

    async def _send(self, value: Value, partition: int) -> Future[Any]:
        topic, key = address(value)
        sent: Future[Any] = await self._producer.send(
            topic, encode(value), key, partition=partition, headers=headers(value)
        )
        return sent

    async def _keep(self, partition: int) -> list[Future[Any]]:
        kept = []
        for name, rows in self._rows.items():
            kept += [
                await self._producer.send(name, it, key, partition=partition) for key, it in rows.changed
            ]
            rows.changed.clear()
        return kept


async def main(kafka: str, pass_: str) -> None:
    """Work until told to stop."""
    options = {"bootstrap_servers": kafka}
    topics, more = (
        (RECORDS.name, COMMANDS.name),
        {"enable_auto_commit": False, "auto_offset_reset": "earliest"},
    )
    consumer, producer = AIOKafkaConsumer(*topics, **options, group_id=APP, **more), make_producer(options)
    await producer.start()
    loop = Loop(producer, pass_)
    await loop.load(options)
    await consumer.start()
    task = asyncio.ensure_future(loop.work(consumer))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await asyncio.wait({task})
    await consumer.stop()
    await producer.stop()
    if not task.cancelled():
        task.result()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
