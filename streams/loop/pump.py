"""The loop: one partition's messages through one step, and nothing acknowledged before it is safe.

take ──▶ [ask, in read order] ──▶ conclude ──▶ window ──▶ sink ──▶ durable? ──▶ acknowledge, in read order

Why not the framework's own way: it acknowledges what its agent raised on, and commits past sends that
failed. Here a message is done when Kafka has acknowledged every output and every changelog record that it
caused; and whatever goes wrong on the way ends the process, so that the next one begins at the last commit
and skips nothing.

Time comes from the running event loop alone, so a loop with virtual time drives this as it likes.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from streams.domain.message import Value
from streams.loop.burial import BURIABLE, Burials
from streams.loop.conclude import Conclude
from streams.loop.contract import Delivery, Done, Outputs, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Surroundings
from streams.loop.outlet import Outlet
from streams.loop.reading import reader


@dataclass(slots=True)
class _Open:
    """A delivery that is not concluded yet."""

    delivery: Delivery
    done: Done
    message: Value | None = None
    question: "asyncio.Future[Any] | None" = None
    answer: Any = None
    error: BaseException | None = None

    @property
    def weight(self) -> int:
        return len(self.delivery.value or b"")


class Pump:
    """One partition of one stage. `take` feeds it, `drain` ends it."""

    def __init__(
        self,
        stage: Stage,
        journals: Sequence[Journal],
        burials: Burials,
        around: Surroundings,
        *,
        until: int = 0,
    ) -> None:
        """`until` is where the log ended when this pump took over; no question is asked before it is read.

        Whoever had the partition before may have asked all of it, and may have died before that was
        durable. Asked again one by one, old commands would undo newer ones for a while; together, the
        newest of each row is told from the others.
        """
        self._die_of, self._limits = around.die, around.limits
        self._read = reader(stage.reads)
        self._step = stage.make(*journals)
        self._asking = hasattr(self._step, "ask")
        partition, largest = around.sink.partition, around.limits.record
        buried = getattr(self._step, "buried", None)
        self._concluded = Conclude(stage, journals, burials, partition, largest, buried)
        self._outlet = Outlet(around, journals, self._let_go)
        self._line: asyncio.Queue[_Open] = asyncio.Queue()
        self._until, self._early = until, list[_Open]()
        self._room, self._idle = asyncio.Event(), asyncio.Event()
        self._held = self._weight = 0
        self._shut = self._dead = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def held(self) -> int:
        """Deliveries taken and not yet acknowledged."""
        return self._held

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        for work in (self._answers(), self._outlet.post(), self._outlet.settle()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    async def take(self, delivery: Delivery, done: Done) -> None:
        """Take the partition's next delivery; return once there is room for the one after it.

        A pump that was drained takes nothing: the delivery stays unacknowledged and is read again.
        """
        if self._shut:
            return
        opened = _Open(delivery, done)
        self._held += 1
        self._weight += opened.weight
        try:
            if self._asking:
                self._ask_in_turn(opened)
            else:
                self._conclude(opened)
        except Exception as why:  # noqa: BLE001  # the one in the house: no failure ends in an acknowledgement
            self._die(why)
        if self._outlet.ripe:
            await asyncio.sleep(0)  # a reader that never waits would never let a window go
        while self._full() and not self._shut:
            self._room.clear()
            await self._room.wait()

    async def drain(self, grace: float) -> None:
        """Take no more, wait `grace` seconds for answers, forget the rest; return when all else is durable.

        What is forgotten was never acknowledged: whoever reads the partition next asks again.
        """
        self._shut = True
        self._room.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._line.join()
        await _cease(self._tasks[:1])
        self._forget_all()
        self._outlet.hurry()
        while self._held and not self._dead:
            self._idle.clear()
            await self._idle.wait()
        await _cease(self._tasks[1:])

    def stop(self) -> None:
        """Drop everything at once and acknowledge nothing more, as a crash would."""
        self._shut = self._dead = True
        self._room.set()
        self._idle.set()
        self._outlet.stop()
        for task in self._tasks:
            task.cancel()
        self._forget_all()

    def _full(self) -> bool:
        return self._held >= self._limits.deliveries or self._weight >= self._limits.weight

    def _ask_in_turn(self, opened: _Open) -> None:
        """Ask, but nothing before all is here that may have been asked before, or as much as may be."""
        self._early.append(opened)
        if opened.delivery.place.offset + 1 >= self._until or self._full():
            self._until, early, self._early = 0, self._early, []
            for each in early:
                self._ask(each)

    def _ask(self, opened: _Open) -> None:
        """Start the question; what fails here is told in its turn."""
        try:
            opened.message = self._read(opened.delivery.value)
            opened.question = asyncio.ensure_future(self._step.ask(opened.message))
        except BURIABLE as error:
            opened.error = error
        self._line.put_nowait(opened)

    async def _answers(self) -> None:
        """Wait for the answers in read order, and conclude."""
        while True:
            opened = await self._line.get()
            try:
                opened.answer = await opened.question if opened.question is not None else None
            except BURIABLE as error:
                opened.error = error
            except asyncio.CancelledError:
                self._forget(opened)
                raise
            self._conclude(opened)
            self._line.task_done()

    def _conclude(self, opened: _Open) -> None:
        said = self._concluded(lambda: self._spoken(opened), opened.delivery, lambda: opened.message)
        self._outlet.put(said, opened.done, opened.weight)

    def _spoken(self, opened: _Open) -> Outputs:
        if opened.error is not None:
            raise opened.error
        if self._asking:
            return self._step(opened.message, opened.answer)  # type: ignore[no-any-return]
        opened.message = self._read(opened.delivery.value)
        return self._step(opened.message)  # type: ignore[no-any-return]

    def _let_go(self, count: int, weight: int) -> None:
        self._held -= count
        self._weight -= weight
        self._room.set()
        if not self._held:
            self._idle.set()

    def _forget(self, opened: _Open) -> None:
        if opened.question is not None and not opened.question.cancel() and not opened.question.cancelled():
            opened.question.exception()  # seen: asyncio need not warn of it
        self._let_go(1, opened.weight)

    def _forget_all(self) -> None:
        while self._early:
            self._forget(self._early.pop())
        while not self._line.empty():
            self._forget(self._line.get_nowait())

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """Die: no part of the loop ends by itself. A cancelled one means an adapter cancelled a question."""
        if not task.cancelled():
            self._die(task.exception() or RuntimeError("a part of the loop returned"))
        elif not self._shut:
            self._die(RuntimeError("a question was cancelled by its adapter"))

    def _die(self, why: BaseException) -> None:
        self.stop()
        self._die_of(why)


async def _cease(tasks: Iterable["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
