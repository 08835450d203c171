"""Faust as its manual shows it, with both steps: `python -m … KAFKA PASS`."""

import sys
from typing import Any

import faust

from app.bench.peers.stock_faust import PARTITIONS, raw, stock
from app.bench.quiet_org import QuietOrg
from app.bench.trade import BUSINESS
from streams.codec import decode, encode
from streams.domain.command import Command
from streams.domain.message import Value
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate
from streams.topics import APP, AUDIT, COMMANDS, EVENTS, RECORDS


def build(kafka: str, pass_: str) -> Any:
    """Return the app that translates and delivers."""
    app = stock(kafka, APP)
    outputs = {topic.name: raw(app, topic.name) for topic in (COMMANDS, AUDIT, EVENTS)}
    ledger, id_map, parked = (
        app.Table(name, key_type=bytes, value_type=bytes, partitions=PARTITIONS)
        for name in ("ledger", "id_map", "parked")
    )
    translate, deliver = (
        Translate(ledger, {BUSINESS.name: BUSINESS}),
        Deliver(QuietOrg(pass_), id_map, parked),
    )

    async def send(value: Value) -> None:
        topic, key = address(value)
        await outputs[topic].send(key=key, value=encode(value), headers=headers(value))

    async def translating(stream: Any) -> None:
        async for raw_ in stream:
            for value in translate(decode(Record, raw_)):
                await send(value)

    async def delivering(stream: Any) -> None:
        async for raw_ in stream:
            command = decode(Command, raw_)
            for value in deliver(command, await deliver.ask(command)):
                await send(value)

    app.agent(raw(app, RECORDS.name))(translating)
    app.agent(outputs[COMMANDS.name])(delivering)
    return app


if __name__ == "__main__":
    faust.Worker(build(*sys.argv[1:]), loglevel="WARNING").execute_from_commandline()
