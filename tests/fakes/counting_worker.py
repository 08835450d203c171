"""A worker process that counts numbered events: the real engine around a step of the tests.

Run as `python -m tests.fakes.counting_worker '{"kafka": …, "run": …}'`. `fail` names what goes wrong.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from app.process.fail import FAILED, die
from app.process.health import serve
from app.worker.engine.application import Group
from app.worker.packed import PackedMap
from app.worker.stores import Partitions, Rows
from app.worker.worker import Worker
from streams.domain.audit import AuditEntry, Step
from streams.domain.event import Event
from streams.loop.contract import Stage
from streams.loop.limits import Limits
from streams.topics import Table, Topic
from tests.builders.traffic import ROW, Count


@dataclass(frozen=True)
class Plan:
    """What a counting worker does."""

    kafka: str
    run: str
    """Name of the run: its topic, its group, its table, its events' connection."""
    folder: str
    name: str = "w"
    apart: int = 100
    """Difference between two numbers of one object."""
    partitions: int = 4
    session: float = 6.0
    fail: str = ""
    """raise:N, hang:N, gap, packed, silent:PATH (no answer for who is named so until the file is there)."""
    room: int = 0
    """Deliveries under way at most; when set, connections may go aside."""

    @property
    def topic(self) -> Topic:
        return Topic(self.run, (Event,))

    @property
    def table(self) -> Table:
        return Table(self.run, self.topic)

    @property
    def aside(self) -> Table:
        return Table(f"{self.run}-aside", self.topic)

    @property
    def limits(self) -> Limits | None:
        return Limits(deliveries=self.room, patience=1.0) if self.room else None

    @property
    def argument(self) -> str:
        return json.dumps(asdict(self))


class Failing(Count):
    """Counts, until the number at which it fails."""

    def __init__(self, table: Any, plan: Plan) -> None:
        super().__init__(table, plan.apart)
        self.how, _, at = plan.fail.partition(":")
        self.at = int(at or -1)

    def __call__(self, event: Event) -> Iterator[AuditEntry]:
        if int(event.id) == self.at and self.how == "raise":
            message = "the world failed"
            raise ConnectionError(message)
        return super().__call__(event)


class Hanging(Failing):
    """Never gets the answer to one question."""

    async def ask(self, event: Event) -> None:
        if int(event.id) == self.at:
            await asyncio.Event().wait()

    def __call__(self, event: Event, _answer: None = None) -> Iterator[AuditEntry]:
        return super().__call__(event)


class Silent(Failing):
    """Gets no answer for one connection until somebody mends its vendor."""

    def __init__(self, table: Any, plan: Plan) -> None:
        super().__init__(table, replace(plan, fail=""))
        self.mended = Path(plan.fail.partition(":")[2])

    async def ask(self, event: Event) -> None:
        while event.connection.endswith("silent") and not self.mended.exists():  # noqa: ASYNC110  # a person mends it
            await asyncio.sleep(0.05)

    def __call__(self, event: Event, _answer: None = None) -> Iterator[AuditEntry]:
        return super().__call__(event)


STEPS = {"hang": Hanging, "silent": Silent}


async def main(plan: Plan) -> int:
    step = STEPS.get(plan.fail.partition(":")[0], Failing)
    aside = plan.aside if plan.room else None
    stage = Stage(Step.TRANSLATE, plan.topic, lambda table: step(table, plan), (plan.table,), aside=aside)
    folder = Path(plan.folder)
    group = Group(
        plan.run, {"bootstrap_servers": plan.kafka}, plan.partitions, folder / "scratch", plan.session
    )
    store = (lambda: PackedMap(ROW.size)) if plan.fail == "packed" else Rows
    tables = [Partitions(plan.table, store), *([Partitions(aside, Rows)] if aside else [])]
    worker = Worker(group, [stage], tables, die, plan.limits)
    health = await serve(plan.name, folder, worker.report)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    began = time.monotonic()
    await worker.start()
    structlog.get_logger().info("started", seconds=round(time.monotonic() - began, 2))
    if plan.fail == "gap":
        spot = min(spot for spot in worker.app.consumer.assignment() if spot.topic == plan.run)
        await worker.app.consumer._add_gap(spot, 3, 7)
    await stop.wait()
    clean = await worker.stop()
    await health.cleanup()
    return 0 if clean else FAILED


if __name__ == "__main__":
    try:
        code = asyncio.run(main(Plan(**json.loads(sys.argv[1]))))
    except BaseException as why:  # noqa: BLE001  # the test's composition root, as app.process.role is the product's
        die(why)
    sys.stdout.flush()
    os._exit(code)
