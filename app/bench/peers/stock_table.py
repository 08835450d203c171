"""Faust's own recovery of an id map: `python -m … KAFKA RUN`; says when it is done, and what it has."""

import sys
from typing import Any

import faust

from app.bench.peers.stock_faust import PARTITIONS, raw, stock
from streams.topics import COMMANDS

READY = "recovered "
"""Said with the number of rows."""


def build(kafka: str, run: str) -> Any:
    """Return the app; its table is kept as bytes, its task runs when all is recovered."""
    app = stock(kafka, run)
    id_map = app.Table("id_map", key_type=bytes, value_type=bytes, partitions=PARTITIONS)

    async def deliver(stream: Any) -> None:
        async for _ in stream:
            id_map[b"never"] = b"no command is fed"

    async def tell() -> None:
        app.log.warning("%s%d", READY, len(id_map))

    app.agent(raw(app, COMMANDS.name))(deliver)
    app.task(tell)
    return app


def changelog_of(run: str) -> str:
    """Return the topic from which the id map of a run is recovered."""
    return f"{run}-id_map-changelog"


if __name__ == "__main__":
    faust.Worker(build(*sys.argv[1:]), loglevel="WARNING").execute_from_commandline()
