"""Faust's consumer with seven holes closed; each override says which. Leans on internals of pinned versions.

The traps are measured (tests/integration/test_trap_*.py): without this, events vanish in a rebalance.
"""

from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from app.worker.engine.thread import Thread


class Gap(RuntimeError):
    """Offsets jumped. Our topics are neither compacted nor transactional: a delivery was lost on the way."""


class Listener(driver.ConsumerRebalanceListener):  # type: ignore[misc]  # Faust is untyped
    """Told which partitions are ours; meanwhile the group must not take us for dead."""

    async def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Send heartbeats from now on: aiokafka begins when the tables are loaded, and that may take long."""
        self._thread._ensure_consumer()._coordinator._start_heartbeat_task()  # noqa: SLF001
        await super().on_partitions_assigned(assigned)


class Readable:
    """What may be read at this moment; a fetch that is on its way asks it again before it takes anything.

    Stock Faust lends its own set, which a rebalance empties, and to aiokafka an empty one means all: what it
    then takes of a new assignment counts as read, and is dropped.
    """

    def __init__(self, consumer: "Consumer") -> None:
        self._consumer = consumer

    def __contains__(self, tp: object) -> bool:
        return self._consumer.flow_active and tp in self._consumer._active_partitions  # noqa: SLF001


class Consumer(driver.Consumer):  # type: ignore[misc]  # Faust is untyped
    """A consumer that hands every message over once, in order, or ends the process."""

    RebalanceListener = Listener
    _moving: bool = False
    _waiting: frozenset[TP] = frozenset()
    """Sources that must not run before the seek to the committed offsets is done."""

    @property
    def moving(self) -> bool:
        """Whether partitions go and come: until their recovery has begun, an earlier one may still end."""
        return self._moving or bool(self.app.tables.recovery.signal_recovery_start.is_set())

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Resume partitions, but not yet the sources.

        Stock Faust resumes them before the seek and before the last clearing of the queues: what is
        fetched in between is dropped, and the jump that follows is taken for acknowledged.
        """
        if not self.moving:
            sources = frozenset(tp for tp in tps if not self._is_changelog_tp(tp))
            self._waiting = sources or self._waiting
            super().resume_partitions(set(tps) - sources)

    def resume_flow(self) -> None:
        """Let messages flow, and once the seek is done the sources too: now it is known where each begins.

        A recovery that the next rebalance has overtaken comes here as well: nothing flows for it.
        """
        if self.moving:
            return
        super().resume_flow()
        waiting, self._waiting = self._waiting, frozenset()
        if waiting:
            self.app.pumps.resume()
            super().resume_partitions(waiting)
            self.app.pumps.take_up()

    def arrived(self, generation: int) -> None:
        """Take note that the recovery of the newest assignment is called; it alone lets messages flow.

        Kafka may have put us out of the group while the tables were loaded: they move on then.
        """
        if self._thread.generation == generation:
            self._moving = False

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Forget what waited and what was full; it belonged to the old assignment."""
        self._moving = True
        self.app.rebalancing = True  # the end of the last recovery may have denied it meanwhile
        self._waiting = frozenset()
        self._buffered_partitions.clear()
        self.stop_flow()  # Faust does only where there were partitions; those to come do not flow either
        await super().on_partitions_revoked(revoked)
        self.app.watch.forget()

    async def wait_empty(self) -> None:
        """Finish what is under way, bounded: stock Faust waits for ever for what is never acknowledged."""
        await self.app.pumps.drain(last=self.app.should_stop)
        await self.commit_and_end_transactions()

    def ack(self, message: Any) -> bool:
        """Note how far we are; the watch compares it with what Kafka has committed."""
        self.app.watch.done(message.tp, message.offset)
        return bool(super().ack(message))

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        kept = bool(await super()._commit(offsets))
        if kept:
            self.app.watch.committed(offsets)
        return kept

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Die of a gap: stock Faust counts it as acknowledged."""
        message = f"{tp.topic} partition {tp.partition}: {offset_from} to {offset_to - 1} never came"
        self.app.die(Gap(message))

    async def wait_first(self, *coros: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109  # Faust's own signature
        """Hand a message straight to its agent when nothing stands in the way.

        Stock Faust races the hand-over against a stop signal: two tasks for each message.
        """
        handed: tuple[Coroutine[Any, Any, Any], ...] = coros
        if len(coros) == 2 and timeout is None and self._is_free():  # noqa: PLR2004  # hand-over and signal
            handed[1].close()
            await handed[0]
            return None
        return await super().wait_first(*coros, timeout=timeout)

    def _new_consumer_thread(self) -> Thread:
        """Read by our own thread: see there for what the stock one leaves open."""
        return Thread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109  # Faust's own
        """Read what may be read when it comes, not what might have been when it was asked for: `Readable`."""
        del active_partitions
        return await self._thread.getmany(Readable(self), timeout)

    def _is_free(self) -> bool:
        return bool(self.flow_active and not self._buffered_partitions and self.app.flow_control.is_active())


class Transport(driver.Transport):  # type: ignore[misc]  # Faust is untyped
    """Kafka, read with our consumer."""

    Consumer = Consumer
