"""The road to one org, with its lanes. Rows come in one by one, leave in batches, are answered one by one."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Outcome
from app.salesforce.calls.urgency import Urgency
from app.salesforce.care.currency import REFUSED
from app.salesforce.lanes.blame import LESS_MAY_PASS, Blame
from app.salesforce.lanes.org import LONGEST_NAP, Org
from app.salesforce.lanes.pace import Pace
from app.salesforce.lanes.quiet import asks_together, backoff
from app.salesforce.lanes.sending import Sending
from app.salesforce.lanes.verdict import is_for_people, verdict
from app.salesforce.lanes.width import Trip, Width
from app.salesforce.rows.row import Row, Shelf, parent_of
from app.salesforce.rows.waiting import Waiting
from streams.domain.command import Command
from streams.ports import Absent, Answer, Applied, HeldBack, Rejected, TurnedAway

log: Final = structlog.get_logger(__name__)


class LaneFailed(RuntimeError):
    """We failed, not the rows: they must be sent again by a new process, and none of them buried."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__(f"a lane failed: {type(fault).__name__}")
        self.__cause__ = fault


class Road:
    """Sends the rows of one org, as many calls at a time as the org bears.

    All lanes take from one waiting room, so their number may change at any moment: what keeps a client
    out of two lanes at once is the room, not a fixed assignment.
    """

    def __init__(self, org: Org, pace: Pace, width: Width) -> None:
        self._org = org
        self._pace = pace
        self._width = width
        self._size = pace.size
        self._blame = Blame()
        self._loop = asyncio.get_running_loop()  # kept: to ask for it is a system call
        self._waiting = Waiting()
        self._arrivals = 0
        self._news = asyncio.Event()
        self._dispatcher: asyncio.Task[None] | None = None
        self._out: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()

    def put(self, command: Command) -> asyncio.Future[Answer]:
        """Take in `command`; the future brings its answer."""
        self._arrivals += 1
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting.put(command, answer, self._loop.time(), self._org.shown.change(command))
        self._start()
        return answer

    def forget(self) -> None:
        """Trust no memory of delivered rows."""
        self._org.carer.forget()

    def close(self) -> None:
        """Send no more; who still waits for an answer is cancelled."""
        for timer in self._timers:
            timer.cancel()
        for task in (self._dispatcher, *self._out):
            if task is not None:
                task.cancel()
        for row in self._waiting:
            row.answer.cancel()

    def _start(self) -> None:
        """See to it that somebody sends what is ready."""
        if not self._news.is_set():
            self._news.set()
        if self._dispatcher is None and self._something():
            self._dispatcher = self._loop.create_task(self._dispatch())
            self._dispatcher.add_done_callback(self._dispatched)

    def _something(self) -> bool:
        return self._waiting.shelves.next() is not None or self._waiting.shelves.kept > 0

    async def _dispatch(self) -> None:
        while self._something():
            await self._org.rested()
            if self._org.removed:
                await self._turn_away()
                continue
            self._admit()
            if len(self._out) >= self._width.lanes:
                await asyncio.wait(self._out, return_when=asyncio.FIRST_COMPLETED)
            elif self._waiting.shelves.next() is None:
                await self._nap()
            elif (shelf := await self._ripe()) is not None:
                await self._send(shelf)

    def _admit(self) -> None:
        """Let those go that are urgent enough by now."""
        shelves = self._waiting.shelves
        shelves.admit(self._org.admits(shelves.kept))

    async def _turn_away(self) -> None:
        """End all rows that wait, and the session: a person removed the connection."""
        shelves = self._waiting.shelves
        shelves.admit(Urgency.DETAILS)
        while (shelf := shelves.next()) is not None:
            rows = self._waiting.take(shelf, self._pace.size)
            for row in rows:
                self._finish(row, TurnedAway())
            shelves.back(rows)
        await self._org.client.door.end()
        if self._out:
            await asyncio.wait(self._out)

    async def _nap(self) -> None:
        """Wait for a row that may go, or until it is time to look at the allowance again."""
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_NAP):
                await self._news.wait()

    async def _ripe(self) -> Shelf | None:
        """Return the shelf to send from; None when none is worth a call yet, a moment later."""
        shelves = self._waiting.shelves
        if (shelf := shelves.full(self._size)) is not None:
            return shelf
        shelf = shelves.next()
        assert shelf is not None
        if self._loop.time() - shelves.since(shelf) >= self._pace.linger:
            return shelf
        seen = self._arrivals
        await asyncio.sleep(self._pace.pause)
        return shelves.next() if seen == self._arrivals and not self._out else None

    async def _send(self, shelf: Shelf) -> None:
        if rows := self._waiting.take(shelf, self._size):
            self._org.sends(rows)
            task = self._loop.create_task(self._carry(shelf, rows, alone=not self._out))
            self._out.add(task)
            task.add_done_callback(self._came_back)
            await asyncio.sleep(0)  # its call is counted before the allowance is looked at again

    async def _carry(self, shelf: Shelf, rows: list[Row], *, alone: bool) -> None:
        """Take one batch to the org and bring its answers."""
        now = self._loop.time
        left, full = now(), len(rows) >= self._size
        rows.sort(key=parent_of)
        sending = Sending(self._org, shelf, lambda: self._waiting.shelves.behind(shelf))
        outcomes = self._blame.judged(rows, await sending.send(rows))
        refusals = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        if not refusals:
            await self._relay()
        self._settle(rows, outcomes, refusals, called=sending.called)
        self._waiting.shelves.back(rows)
        if sending.called:
            self._learn(Trip(left, now(), sending.slowest, full, alone, _trouble(refusals)))

    async def _relay(self) -> None:
        """Let the next full batch leave before the answers of this one are told: its lane is free."""
        shelves = self._waiting.shelves
        if self._org.rests() or len(self._out) > self._width.lanes:
            return
        self._admit()
        if (shelf := shelves.full(self._size)) is not None:
            await self._send(shelf)
            await asyncio.sleep(0)  # by now it is written

    def _settle(
        self, rows: Sequence[Row], outcomes: Sequence[Outcome], refusals: Sequence[Refusal], *, called: bool
    ) -> None:
        """Answer the rows that have an end, and see to the others; without a call the org is not judged."""
        later: list[Row] = []
        for_people: list[Row] = []
        refused: list[Row] = []
        for row, outcome in zip(rows, outcomes, strict=True):
            answer = self._answer(row, outcome)
            if answer is not None:
                self._finish(row, answer)
                refused += [row] if isinstance(answer, Rejected) else []
            elif self._waiting.set_aside(row):
                (for_people if is_for_people(outcome) else later).append(row)
        self._hold_back(refused)
        whole = next((it for it in refusals if it.whole), None)
        if called or whole:
            self._rest(whole)
        self._order(rows[0].shelf, refusals)
        if whole and (len(rows) > 1 or whole.code not in LESS_MAY_PASS):
            self._waiting.again((*later, *for_people))
            return
        codes = sorted({it.code for it in refusals})
        if later:
            self._later(later, codes, backoff(max(row.tries for row in later), self._org.quiet.chance))
        if for_people:
            self._later(for_people, codes, asks_together(self._loop.time()))

    def _order(self, shelf: Shelf, refusals: Sequence[Refusal]) -> None:
        """Let what comes while the org rests go first where people must mend: that may be of one object."""
        shelves = self._waiting.shelves
        if any(map(is_for_people, refusals)):
            shelves.lets_pass(shelf, max(self._loop.time(), self._org.quiet.until))
        else:
            shelves.takes_turns(shelf)

    def _hold_back(self, refused: Sequence[Row]) -> None:
        """Send nothing more of the clients whose rows were refused, of what came after these."""
        if self._org.holds_back:
            for row in refused:
                for each in self._waiting.behind(row):
                    each.answer.set_result(HeldBack(each.fields))

    def _answer(self, row: Row, outcome: Outcome) -> Answer | None:
        """Return the end that `outcome` is for `row`; None when it is to be sent again."""
        if isinstance(outcome, Applied):
            if not self._org.carer.delivered(row, outcome):
                return None
            self._org.shown.delivered(row.command, row.told)
            return outcome
        if isinstance(outcome, Absent):
            return outcome
        if outcome.whole:
            return None
        if self._org.carer.outdated(row, outcome):
            row.retried |= {outcome.code}
            if outcome.code != REFUSED:  # its values contradict each other: the org is as we knew it
                self._org.forget_shape(row.command.sobject.value)
            return None
        if (answer := verdict(row, outcome)) is None:
            self._org.heed(self._org.written_on(row.shelf), outcome)
        return answer

    def _rest(self, whole: Refusal | None) -> None:
        """Leave the org alone when it refused all; send less when a smaller batch may pass."""
        if whole is None:
            self._org.well()
            self._size = min(self._pace.size, self._size * 2)
            return
        self._org.rest(whole)
        if whole.code in LESS_MAY_PASS:
            self._size = max(1, self._size // 2)

    def _learn(self, trip: Trip) -> None:
        before = self._width.lanes
        self._width.learn(trip)
        if trip.trouble and self._width.lanes < before:
            log.info("salesforce-fewer-lanes", connection=self._org.name, lanes=self._width.lanes)

    def _finish(self, row: Row, answer: Answer) -> None:
        if not row.answer.done():
            row.answer.set_result(answer)
        self._waiting.done(row)

    def _later(self, rows: list[Row], codes: Sequence[str], seconds: float) -> None:
        """Make `rows` ready again after a while; other rows go on."""
        told = {"rows": len(rows), "codes": codes, "seconds": round(seconds, 2)}
        log.info("salesforce-rows-wait", connection=self._org.name, **told)

        def again() -> None:
            self._timers.discard(timer)
            self._waiting.again(rows)
            self._start()

        timer = self._loop.call_later(seconds, again)
        self._timers.add(timer)

    def _dispatched(self, task: asyncio.Task[None]) -> None:
        self._dispatcher = None
        self._ended(task)

    def _came_back(self, task: asyncio.Task[None]) -> None:
        self._out.discard(task)
        self._ended(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Pass a fault of ours on to all who wait, so that the worker stops instead of hanging."""
        if task.cancelled():
            return
        if (fault := task.exception()) is None:
            self._start()
            return
        if self._dispatcher is not None:
            self._dispatcher.cancel()
        for row in self._waiting:
            if not row.answer.done():
                row.answer.set_exception(LaneFailed(fault).with_traceback(fault.__traceback__))


def _trouble(refusals: Sequence[Refusal]) -> bool:
    """Tell whether rows were locked or all was refused: then more at a time would not be better."""
    return any(it.whole or it.code == "UNABLE_TO_LOCK_ROW" for it in refusals)
