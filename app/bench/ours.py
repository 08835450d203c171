"""Our worker as it stands in production, with one stage: `python -m app.bench.ours KAFKA RUN`."""

import asyncio
import signal
import sys
from pathlib import Path
from tempfile import gettempdir

import uvloop

from app.bench.trade import BUSINESS
from app.process.fail import die
from app.process.garbage import look_seldom
from app.worker.engine.application import Group
from app.worker.stores import Partitions, Rows
from app.worker.worker import Worker
from streams.domain.audit import Step
from streams.loop.contract import Stage
from streams.ports import State
from streams.steps.translate import Translate
from streams.topics import RECORDS, Table

PARTITIONS = 4


def ledger_of(run: str) -> Table:
    """Return the ledger of one run: each begins with empty books."""
    return Table(f"ledger-{run}", RECORDS)


async def main(kafka: str, run: str) -> None:
    """Translate until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = {"bootstrap_servers": kafka, "security_protocol": "PLAINTEXT"}
    ledger = ledger_of(run)
    stage = Stage(Step.TRANSLATE, RECORDS, _translate, (ledger,))
    group = Group(run, options, PARTITIONS, Path(gettempdir()) / run)
    worker = Worker(group, (stage,), (Partitions(ledger, Rows),), die)
    look_seldom()
    await worker.start()
    await stop.wait()
    await worker.stop()


def _translate(ledger: State) -> Translate:
    return Translate(ledger, {BUSINESS.name: BUSINESS})


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
