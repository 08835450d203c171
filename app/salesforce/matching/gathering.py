"""Questions of one org, gathered for a moment: many clients are settled with the calls that one takes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.salesforce.answers.refusals import of_error, of_refused
from app.salesforce.lanes.org import LONGEST_NAP, Org
from app.salesforce.matching.question import Proceed, Question
from app.salesforce.matching.search import ACCOUNT, look_anew
from app.salesforce.matching.settlement import Said
from streams.domain.errors import FreshforceError, Refused
from streams.ports import Rejected

MOST: Final = 200
PAUSE: Final = 0.02
"""Seconds in which others may join."""
TRIES: Final = 2
"""How often a query is tried that the org refuses for good: its fields may not be as we knew them."""

Settle = Callable[[Sequence[Question]], Awaitable[list[Said]]]


@dataclass(eq=False, slots=True)
class Round:
    """Questions that are settled together."""

    questions: list[Question] = field(default_factory=list)
    answers: "asyncio.Task[list[Said]] | None" = None


class Gathering:
    """The open questions of one org. What fails for now is asked again, for as long as it takes."""

    def __init__(self, org: Org, settle: Settle) -> None:
        self._org = org
        self._settle = settle
        self._turn = asyncio.Lock()
        self._joining: Round | None = None
        self._open: set[asyncio.Task[list[Said]]] = set()

    async def ask(self, question: Question) -> Said:
        """Return what is to become of the client; giving up waiting takes the answer from nobody else."""
        if self._joining is None or len(self._joining.questions) >= MOST:
            self._joining = Round()
            self._joining.answers = task = asyncio.create_task(self._answers(self._joining))
            self._open.add(task)
            task.add_done_callback(self._ended)
        mine, at = self._joining, len(self._joining.questions)
        mine.questions.append(question)
        assert mine.answers is not None
        return (await asyncio.shield(mine.answers))[at]

    def close(self) -> None:
        """Ask no more; who waits is cancelled."""
        for task in self._open:
            task.cancel()

    async def _answers(self, mine: Round) -> list[Said]:
        await asyncio.sleep(PAUSE)
        async with self._turn:
            if self._joining is mine:
                self._joining = None
            return await self._persistently(mine.questions)

    def _ended(self, task: "asyncio.Task[list[Said]]") -> None:
        self._open.discard(task)
        if not task.cancelled():
            task.exception()  # who waits is told; that nobody does any more is no fault

    async def _persistently(self, questions: Sequence[Question]) -> list[Said]:
        refused = 0
        while True:
            await self._allowed()
            if self._org.removed:
                return [Proceed()] * len(questions)  # the lanes turn its rows away
            try:
                answers = await self._settle(questions)
            except Refused as error:
                refused += 1
                look_anew(self._org)
                if refused == TRIES:
                    return [_rejected(each, error) for each in questions]
            except FreshforceError as error:
                self._org.rest(of_error(error))
            else:
                self._org.well()
                return answers

    async def _allowed(self) -> None:
        """Wait until the org may be called: not paused, not resting, calls left of our share."""
        await self._org.rested()
        while not self._org.removed and self._org.admits() is None:
            await asyncio.sleep(LONGEST_NAP)
            await self._org.rested()


def _rejected(question: Question, error: Refused) -> Rejected:
    """Return the end of a client of which the org refuses to say which Account it is."""
    reason = f"{ACCOUNT} {question.command.external_id}: {error}"
    return Rejected(error.code, reason, of_refused(error).mends_dead_letter)
