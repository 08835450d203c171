"""One worker: the pumps, the Faust app that feeds them, the producer they write with, and the watch."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer

from app.kafka.lease import hold_to
from app.kafka.producer import make_producer
from app.worker.again import Again
from app.worker.engine.application import App, Group, build
from app.worker.members import remove_dead
from app.worker.parked import parked
from app.worker.pumps import Pumps
from app.worker.sink import KafkaSink
from app.worker.stores import Partitions
from app.worker.watch import Standstill, Watch
from streams.loop.contract import Die, Spot, Stage
from streams.loop.limits import Limits, Surroundings, Turn
from streams.loop.rewind import NO_REWIND, Rewind

_log = structlog.get_logger(__name__)

DRAIN: Final = 9.0
"""Seconds from the signal to stop until the worker gives up being orderly."""
REQUEST_TIMEOUT_MS: Final = 60_000


class Worker:
    """Runs stages as a member of a consumer group."""

    def __init__(
        self,
        group: Group,
        stages: Sequence[Stage],
        tables: Sequence[Partitions],
        die: Die,
        limits: Limits | None = None,
    ) -> None:
        self._group, self._stages, self._die = group, stages, die
        self._tables = tables
        self._limits = limits or Limits()
        self.rewind_of: Callable[[Spot], Rewind] = lambda _spot: NO_REWIND
        """Tells what a replay means for a partition."""
        self._tasks: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        """Join the group; return when the first partitions and tables are here."""
        self._group.folder.mkdir(parents=True, exist_ok=True)
        await remove_dead(self._group.kafka, self._group.name)
        self._producer: AIOKafkaProducer = make_producer(
            self._group.kafka, request_timeout_ms=REQUEST_TIMEOUT_MS
        )
        self.watch = Watch(self._die, self._settled, self._progress, self._group.session)
        hold_to(self.watch.in_time, self._producer)
        await self._producer.start()
        sink = KafkaSink(self._producer, self._group.partitions, self.watch.in_time)
        around = Surroundings(sink, self._die, self._limits, Again(self._group.kafka), _tell)
        self.pumps = Pumps(self._stages, {held.table: held for held in self._tables}, around)
        self.pumps.rewind_of = self.rewind_of
        self.app: App = build(self._group, self.pumps, self.watch, self._die)
        for work in (self.watch.run(), self._crash()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._ended)
            self._tasks.append(task)
        await self.app.start()
        _log.info("worker.started", group=self._group.name, loaded=self._progress())

    async def stop(self) -> bool:
        """Finish what is under way, commit, leave the group; die when that is not possible in time.

        Not by cancelling: Faust swallows that, and would seem to have stopped in order.
        """
        leaving = asyncio.create_task(self._leave())
        await asyncio.wait({leaving}, timeout=DRAIN)
        if not leaving.done():
            self._die(Standstill(f"told to stop, it could not finish within {DRAIN:g} s"))
            return False
        leaving.result()
        for task in self._tasks:
            task.cancel()
        return True

    def report(self) -> Mapping[str, Any]:
        """Return what the worker says of itself, for the health check."""
        if not hasattr(self, "app") or not self._settled():
            return {"ready": False, "loaded": self._progress()}
        spots = self.app.consumer.assignment()
        return {
            "ready": bool(spots),
            "partitions": sorted({spot.partition for spot in spots}),
            "under_way": self.pumps.held,
            "rows": {held.table.name: held.rows for held in self._tables},
            "lag": self._lag(spots),
            "parked": [
                {"connection": connection, "behind": behind.value, "rows": rows}
                for (connection, behind), rows in parked(self._tables).items()
            ],
            "aside": [
                {
                    "step": step.value,
                    "connection": aside.connection.decode(errors="replace"),
                    "partition": partition,
                    "from": aside.row,
                }
                for step, partition, aside in self.pumps.asides()
            ],
        }

    def _lag(self, spots: Sequence[Any]) -> dict[str, int]:
        """Return how many messages of each stage's topic are not done yet, in our partitions.

        Where a connection is aside, all from its first one count: among them are those that wait for it.
        """
        lag = {stage.reads.name: 0 for stage in self._stages}
        reads = {stage.step: stage.reads.name for stage in self._stages}
        rows: dict[tuple[str, int], int] = {}
        for step, partition, aside in self.pumps.asides():
            spot = reads[step], partition
            rows[spot] = min(aside.row, rows.get(spot, aside.row))
        for spot in spots:
            if spot.topic in lag:
                consumer = self.app.consumer
                read = max(self.watch.position(spot), consumer._committed_offset[spot] or 0)  # noqa: SLF001
                read = min(read, rows.get((spot.topic, spot.partition), read))
                lag[spot.topic] += max((consumer.highwater(spot) or 0) - read, 0)
        return lag

    def _settled(self) -> bool:
        return bool(self.app.tables.actives_ready and not self.app.rebalancing)

    def _progress(self) -> int:
        return sum(held.loaded for held in self._tables)

    async def _leave(self) -> None:
        await self.app.stop()
        await self._producer.stop()

    async def _crash(self) -> None:
        """Die when any part of Faust does: left alone, it restarts its agent and forgets the message."""
        await self.app._crashed.wait()  # noqa: SLF001  # the only sign there is; a test guards the name
        self._die(self.app.crash_reason or RuntimeError("Faust crashed"))

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        if not task.cancelled():
            self._die(task.exception() or RuntimeError("the watch ended"))


def _tell(turn: Turn) -> None:
    """Log that a connection keeps its partition waiting no longer, or is back."""
    topic, partition = turn.spot
    tell = _log.info if turn.back else _log.warning
    tell(
        "connection.back" if turn.back else "connection.aside",
        connection=turn.connection,
        step=turn.step.value,
        topic=topic,
        partition=partition,
        offset=turn.offset,
        open=turn.open,
    )
