"""A lane: one sender of one org. Rows come in one by one, leave in batches, and are answered one by one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from app.salesforce.meanings import Meaning
from app.salesforce.org import Org
from app.salesforce.quiet import backoff
from app.salesforce.refusals import Refusal
from app.salesforce.results import Outcome
from app.salesforce.sending import send
from app.salesforce.waiting import Row, Shelf, Waiting
from streams.domain.command import Command
from streams.ports import Answer, Applied, ParentMissing, Rejected

log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """When a batch goes."""

    size: int = 200
    """Rows per call; Salesforce takes no more."""
    linger: float = 0.05
    """Seconds that a row waits for company at most."""
    pause: float = 0.005
    """Seconds without a new row after which a free lane sends what it has."""


class LaneFailed(RuntimeError):
    """We failed, not the rows: they must be sent again by a new process, and none of them buried."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__(f"a lane failed: {type(fault).__name__}")
        self.__cause__ = fault


class Lane:
    """Sends the rows of its clients, one call at a time."""

    def __init__(self, org: Org, pace: Pace) -> None:
        self._org = org
        self._pace = pace
        self._size = pace.size
        self._waiting = Waiting()
        self._arrivals = 0
        self._task: asyncio.Task[None] | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    def put(self, command: Command) -> asyncio.Future[Answer]:
        """Take in `command`; the future brings its answer."""
        self._arrivals += 1
        answer = self._waiting.put(command, asyncio.get_running_loop().time())
        self._start()
        return answer

    def close(self) -> None:
        """Send no more; who still waits for an answer is cancelled."""
        for timer in self._timers:
            timer.cancel()
        if self._task is not None:
            self._task.cancel()
        for row in self._waiting:
            row.answer.cancel()

    def _start(self) -> None:
        if self._task is None and self._waiting.next() is not None:
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Pass a fault of ours on to all who wait, so that the worker stops instead of hanging."""
        self._task = None
        if task.cancelled():
            return
        if (fault := task.exception()) is None:
            self._start()
            return
        for row in self._waiting:
            if not row.answer.done():
                row.answer.set_exception(LaneFailed(fault).with_traceback(fault.__traceback__))

    async def _run(self) -> None:
        while self._waiting.next() is not None:
            await self._org.rested()
            shelf = await self._ripe()
            if rows := self._waiting.take(shelf, self._size):
                rows.sort(key=_client)  # children of one parent side by side lock it once
                self._settle(rows, await send(self._org, shelf, rows))

    async def _ripe(self) -> Shelf:
        """Return the shelf to send from, as soon as a call is worth it."""
        now = asyncio.get_running_loop().time
        while (shelf := self._waiting.full(self._size)) is None:
            shelf = self._waiting.next()
            assert shelf is not None
            seen = self._arrivals
            if now() - self._waiting.since(shelf) >= self._pace.linger:
                break
            await asyncio.sleep(self._pace.pause)
            if seen == self._arrivals:
                break
        return shelf

    def _settle(self, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> None:
        """Answer the rows that have an end, and see to the others."""
        later: list[Row] = []
        for row, outcome in zip(rows, outcomes, strict=True):
            answer = outcome if isinstance(outcome, Applied) else self._final(row, outcome)
            if answer is not None:
                self._finish(row, answer)
            elif self._waiting.set_aside(row):
                later.append(row)
        whole = [outcome for outcome in outcomes if isinstance(outcome, Refusal) and outcome.whole]
        self._learn(whole)
        if later:
            self._later(
                later, 0.0 if whole else backoff(max(row.tries for row in later), self._org.quiet.chance)
            )

    def _learn(self, whole: Sequence[Refusal]) -> None:
        """Leave the org alone when it refused all; send less when a smaller batch may pass."""
        if not whole:
            self._org.quiet.well()
            self._size = min(self._pace.size, self._size * 2)
            return
        self._org.rest(whole[0])
        if whole[0].code in _LESS_MAY_PASS:
            self._size = max(1, self._size // 2)

    def _final(self, row: Row, refusal: Refusal) -> Answer | None:
        """Return the answer that `refusal` is for `row`; None when it is to be sent again."""
        if refusal.whole:
            return None
        match refusal.meaning:
            case Meaning.DEPENDENCY:
                return ParentMissing(refusal.code, refusal.fields)
            case Meaning.PERMANENT:
                return _rejected(refusal)
            case Meaning.ONCE | Meaning.SCHEMA if refusal.code in row.retried:
                return _rejected(refusal)
            case Meaning.SCHEMA:
                self._org.forget_shape(row.command.sobject.value)
            case Meaning.BUDGET | Meaning.CONFIGURATION:
                self._org.rest(refusal)
            case _:
                pass
        row.retried |= {refusal.code}
        return None

    def _finish(self, row: Row, answer: Answer) -> None:
        if not row.answer.done():
            row.answer.set_result(answer)
        self._waiting.done(row)

    def _later(self, rows: list[Row], seconds: float) -> None:
        """Make `rows` ready again after a while; other rows go on."""
        if not seconds:
            self._waiting.again(rows)
            return
        log.info("salesforce-rows-wait", connection=self._org.name, rows=len(rows), seconds=round(seconds, 2))

        def again() -> None:
            self._timers.discard(timer)
            self._waiting.again(rows)
            self._start()

        timer = asyncio.get_running_loop().call_later(seconds, again)
        self._timers.add(timer)


_LESS_MAY_PASS: Final = frozenset({"timed-out", "UNKNOWN_EXCEPTION"})
"""Refusals that a too large or one bad batch may cause as well as an outage."""


def _client(row: Row) -> int:
    return row.command.client


def _rejected(refusal: Refusal) -> Rejected:
    return Rejected(refusal.code, refusal.reason, refusal.mend, refusal.fields)
