"""Faust as its manual shows it: an agent, a table, `topic.send`, every setting as it comes.

`python -m … KAFKA RUN`. Of the settings only what the job needs is said: where Kafka is, that values are
bytes, how many partitions there are, and that no web server is wanted beside it.
"""

import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import faust

from app.bench.trade import BUSINESS
from streams.codec import decode, encode
from streams.domain.record import Record
from streams.loop.envelope import address, headers
from streams.steps.translate import Translate
from streams.topics import AUDIT, COMMANDS, RECORDS

PARTITIONS = 4


def stock(kafka: str, run: str) -> Any:
    """Return a stock app."""
    return faust.App(
        run,
        broker=f"kafka://{kafka}",
        datadir=str(Path(gettempdir()) / run),
        topic_partitions=PARTITIONS,
        key_serializer="raw",
        value_serializer="raw",
        web_enabled=False,
        autodiscover=False,
    )


def build(kafka: str, run: str) -> Any:
    """Return the app that translates."""
    app = stock(kafka, run)
    outputs = {topic.name: raw(app, topic.name) for topic in (COMMANDS, AUDIT)}
    ledger = app.Table("ledger", key_type=bytes, value_type=bytes, partitions=PARTITIONS)
    step = Translate(ledger, {BUSINESS.name: BUSINESS})

    async def translate(stream: Any) -> None:
        async for raw in stream:
            for value in step(decode(Record, raw)):
                topic, key = address(value)
                await outputs[topic].send(key=key, value=encode(value), headers=headers(value))

    app.agent(raw(app, RECORDS.name))(translate)
    return app


def raw(app: Any, name: str) -> Any:
    """Return a topic of plain bytes."""
    return app.topic(name, key_type=bytes, value_type=bytes)


if __name__ == "__main__":
    faust.Worker(build(*sys.argv[1:]), loglevel="WARNING").execute_from_commandline()
