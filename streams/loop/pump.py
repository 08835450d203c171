"""The loop: one partition's messages through one step, and nothing acknowledged before it is safe.

take ──▶ [ask, in read order] ──▶ conclude ──▶ window ──▶ sink ──▶ durable? ──▶ acknowledge, in read order

Why not the framework's own way: it acknowledges what its agent raised on, and commits past sends that
failed. Here a message is done when Kafka has acknowledged every output and every changelog record that it
caused; and whatever goes wrong on the way ends the process, so that the next one begins at the last commit
and skips nothing.

Connections do not wait for each other: each has a line of its own, and one whose vendor does not answer
goes aside (streams.loop.aside) before it keeps the others from being read or acknowledged.

Time comes from the running event loop alone, so a loop with virtual time drives this as it likes.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from streams.loop.acks import Acks
from streams.loop.aside import Aside
from streams.loop.asides import AFTER_A_CRASH, Asides
from streams.loop.burial import BURIABLE, Burials
from streams.loop.conclude import Conclude
from streams.loop.contract import Delivery, Done, Outputs, Spot, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Surroundings, Turn
from streams.loop.lines import Line, Lines
from streams.loop.opened import Opened
from streams.loop.outlet import Outlet
from streams.loop.passing import Passing
from streams.loop.reading import reader
from streams.loop.takeover import FROM_THE_BEGINNING, Tail, Takeover
from streams.loop.tasks import Tasks
from streams.loop.window import Then

T = TypeVar("T")


class Pump:
    """One partition of one stage. `take` feeds it, `drain` ends it."""

    def __init__(
        self,
        stage: Stage,
        journals: Sequence[Journal],
        burials: Burials,
        around: Surroundings,
        takeover: Takeover = FROM_THE_BEGINNING,
    ) -> None:
        self._stage, self._around, self._limits = stage, around, around.limits
        self._heavy, self._most = around.limits.times(0.25), around.limits.times(AFTER_A_CRASH)
        self._read = reader(stage.reads)
        ahead = () if takeover.ahead is None else (takeover.ahead.step,)
        self.step = stage.make(*journals, *ahead)
        self._asking = hasattr(self.step, "ask")
        self._passing = Passing(self.step, journals, takeover, self.note, self._limits.window)
        spread, largest = around.sink.partition, around.limits.record
        buried, noted = getattr(self.step, "buried", None), self._passing.buried
        self._concluded = Conclude(stage, journals, burials, spread, largest, buried, noted)
        self._outlet = Outlet(around, journals, takeover.aside, self._durable)
        self._acks, self._lines = Acks(takeover.begin), Lines(partial(self._safely, self._conclude))
        self._spot: Spot = (stage.reads.name, takeover.partition)
        self._asides = self._made_for(takeover.aside) if self._asking else None
        self.asides: Mapping[bytes, Aside] = {} if self._asides is None else self._asides.by
        """The connections that are aside."""
        self._rewind = takeover.rewind
        self._enter = self._ask_in_turn if self._asking else self._conclude_in_turn
        self._until: Callable[[], int] | int = takeover.until
        self._tail = Tail(takeover.until)
        self._early = list[Opened]()
        self._passed = 0
        self._room = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._shut = False
        self._tasks = Tasks(self._die)

    @property
    def held(self) -> int:
        """Deliveries taken and not yet acknowledged."""
        return len(self._acks.waiting)

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        self._tasks.begin(self._outlet.post(), self._outlet.settle())
        if self._asides is not None:
            self._asides.take_over()

    async def take(self, delivery: Delivery, done: Done) -> None:
        """Take the partition's next delivery; return once there is room for the one after it.

        A pump that was drained takes nothing: the delivery stays unacknowledged and is read again.
        """
        if self._shut:
            return
        opened = Opened(delivery, len(delivery.value or b""), done)
        self._acks.expect(opened)
        self._safely(self._enter, opened)
        if self._outlet.ripe or self._passed >= self._limits.window:
            self._passed = 0
            await asyncio.sleep(0)  # a reader that never waits would never let a window go
        while self._full() and not self._shut:
            self._watch()
            self._room.clear()
            await self._room.wait()

    async def drain(self, grace: float) -> None:
        """Take no more, wait `grace` seconds for answers, forget the rest; return when all else is durable.

        What is forgotten was never acknowledged, or its connection is aside: whoever has the partition next
        asks again.
        """
        self._shut = True
        self._room.set()
        ending = [] if self._asides is None else self._asides.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._lines.empty()
        self._forget()
        await self._outlet.emptied()
        self._passing.write()
        await self._outlet.emptied()
        self._acks.forget()
        await self._tasks.cease()
        await asyncio.gather(*ending, return_exceptions=True)

    def stop(self) -> None:
        """Drop everything at once and acknowledge nothing more, as a crash would."""
        self._shut = True
        self._room.set()
        self._outlet.stop()
        self._tasks.cancel()
        if self._asides is not None:
            self._asides.stop()
        self._forget()
        self._acks.forget()

    def ask(self, opened: Opened) -> None:
        """Start a question; what fails here is told in its turn."""
        try:
            opened.message = self._rewind.stamped(self._read(opened.delivery.value), opened.offset)
            opened.question = asyncio.ensure_future(self.step.ask(opened.message))
        except BURIABLE as error:
            opened.error = error
        line = self._lines.put(opened)
        if len(line.open) >= self._heavy.deliveries or line.weight >= self._heavy.weight:
            self._watch()

    @property
    def position(self) -> int:
        """The offset that Kafka gives us next."""
        return self._acks.position

    @property
    def caught_up(self) -> bool:
        """Whether it is done with all that stood in the log when it took the partition over."""
        return not self.asides and self._tail.reached(self._acks.reached)

    def line(self, connection: bytes) -> Line | None:
        """Return what a connection was asked and has not concluded."""
        return self._lines.of(connection)

    def note(self, journal: Journal, then: Then) -> None:
        """Let a change of a table go by itself; call `then` when it is durable."""
        self._outlet.note(journal, then)

    def settle(self) -> None:
        """Acknowledge what is finished, in read order."""
        self._acks.settle()
        self._passing.reached(self._acks.reached)
        if not self._full():
            self._room.set()

    def tell(self, aside: Aside, *, back: bool) -> None:
        """Say that a connection went aside, or is back."""
        name = aside.connection.decode(errors="replace")
        line = self._lines.of(aside.connection)
        waiting = 0 if line is None else len(line.open)
        self._around.told(Turn(self._stage.step, self._spot, name, back, aside.row, waiting))

    def _made_for(self, rows: Journal | None) -> Asides | None:
        again, limits = self._around.again, self._limits
        if rows is None or again is None:
            return None
        return Asides(self._spot, rows, again, limits, self, self._die)

    def _full(self) -> bool:
        limits, acks = self._most if self._early else self._limits, self._acks
        if len(acks.waiting) >= limits.deliveries or acks.weight >= limits.weight:
            return True
        return bool(self.asides) and self._asides is not None and self._asides.clogged

    def _ask_in_turn(self, opened: Opened) -> None:
        """Ask, but nothing before all is here that may have been asked before, or as much as may be."""
        kept = bool(self.asides) and self._asides is not None and self._asides.keeps(opened)
        if kept:
            self._passed += 1
        else:
            kept = self._skipped(opened)
        if not self._until:
            if not kept:
                self.ask(opened)
            return
        if callable(self._until):
            self._until = self._until()
        if not kept and opened.connection in self.asides:
            self.ask(opened)  # it has collected already, when it read again
        elif not kept:
            self._early.append(opened)
        if opened.offset + 1 >= self._until or self._full():
            self._until, early, self._early = 0, self._early, []
            for each in early:
                self.ask(each)

    def _conclude_in_turn(self, opened: Opened) -> None:
        if not self._skipped(opened):
            self._conclude(opened)

    def _skipped(self, opened: Opened) -> bool:
        """Acknowledge what is passed by; what a row stands for is asked all the same."""
        if opened.connection in self.asides or not self._passing(opened.delivery):
            return False
        self._passed += 1
        opened.finished = True
        self.settle()
        return True

    def _conclude(self, opened: Opened) -> None:
        if opened.question is not None:
            opened.hear(opened.question)
        said = self._concluded(lambda: self._spoken(opened), opened.delivery, lambda: opened.message)
        opened.message = opened.question = opened.answer = opened.error = None
        self._outlet.put(said, opened)

    def _spoken(self, opened: Opened) -> Outputs:
        if opened.error is not None:
            raise opened.error
        if self._asking:
            return self.step(opened.message, opened.answer)  # type: ignore[no-any-return]
        opened.message = self._rewind.stamped(self._read(opened.delivery.value), opened.offset)
        return self.step(opened.message)  # type: ignore[no-any-return]

    def _durable(self, closed: Sequence[Opened]) -> None:
        """Acknowledge what is concluded for good, as far as its turn has come."""
        if self._asides is not None and self.asides:
            self._asides.durable(closed)
        for opened in closed:
            opened.finished = True
        self.settle()
        if self._asides is not None and self.asides:
            self._asides.look()

    def _watch(self) -> None:
        """Look soon whether somebody is in the way."""
        if self._timer is None and self._asides is not None:
            wait = self._limits.patience / 2
            self._timer = asyncio.get_running_loop().call_later(wait, self._safely, self._look, None)

    def _look(self, _: None) -> None:
        """Let those go aside that have stood still for too long, while others wait for room."""
        self._timer = None
        if self._shut or self._asides is None:
            return
        full, now = self._full(), asyncio.get_running_loop().time()
        if full:
            self._watch()  # whoever is in the way may be clearing just now, and stuck again after
        if self._early:
            return
        for line in [*self._lines]:
            if self._asides.stands_aside(line):
                continue
            if full or self._heavy.reached(len(line.open), line.weight):
                self._watch()
                if now - line.since >= self._limits.patience:
                    self._asides.go(line)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for opened in self._early:
            opened.forget()
        self._early.clear()
        self._lines.forget()

    def _safely(self, act: Callable[[T], object], what: T) -> None:
        try:
            act(what)
        except Exception as why:  # noqa: BLE001  # the one in the house: no failure ends in an acknowledgement
            self._die(why)

    def _die(self, why: BaseException) -> None:
        self.stop()
        self._around.die(why)
