"""Our worker with translate and deliver, as it stands in production: `python -m … KAFKA PASS`."""

import asyncio
import signal
import sys
from pathlib import Path
from tempfile import gettempdir

import uvloop

from app.bench.ours import PARTITIONS
from app.bench.quiet_org import QuietOrg
from app.bench.trade import BUSINESS
from app.process.fail import die
from app.process.garbage import look_seldom
from app.worker.engine.application import Group
from app.worker.main import tables
from app.worker.worker import Worker
from streams.domain.audit import Step
from streams.loop.contract import Stage
from streams.ports import State
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate
from streams.topics import APP, COMMANDS, COMMANDS_ASIDE, ID_MAP, LEDGER, PARKED, RECORDS


async def main(kafka: str, pass_: str) -> None:
    """Work until told to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = {"bootstrap_servers": kafka, "security_protocol": "PLAINTEXT"}
    org = QuietOrg(pass_)

    def deliver(id_map: State, parked: State) -> Deliver:
        return Deliver(org, id_map, parked)

    stages = (
        Stage(Step.TRANSLATE, RECORDS, _translate, (LEDGER,), ahead=Step.DELIVER),
        Stage(Step.DELIVER, COMMANDS, deliver, (ID_MAP, PARKED), aside=COMMANDS_ASIDE),
    )
    kept = {table for stage in stages for table in stage.kept}
    held = [it for it in tables() if it.table in kept]
    worker = Worker(Group(APP, options, PARTITIONS, Path(gettempdir()) / APP), stages, held, die)
    look_seldom()
    await worker.start()
    await stop.wait()
    await worker.stop()


def _translate(ledger: State, ahead: Deliver) -> Translate:
    return Translate(ledger, {BUSINESS.name: BUSINESS}, ahead.rest)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
