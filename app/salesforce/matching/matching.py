"""Salesforce as deliver needs it, where a client may be an Account that the org has already."""

import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.lanes.org import Org
from app.salesforce.matching.book import MatchBook
from app.salesforce.matching.gathering import Gathering, Settle
from app.salesforce.matching.question import Proceed, Question, is_decided, undecided
from app.salesforce.matching.settlement import Settlement
from streams.domain.command import BY_CLIENT, Command, SObject
from streams.domain.connection import AccountMatching
from streams.domain.identity import ConnectionName, SalesforceId
from streams.domain.match import Candidate, Match, MatchState
from streams.domain.matches import standing
from streams.ports import Answer, Applied, Rejected, Settings

DUPLICATES: Final = "DUPLICATES_DETECTED"
_ACCOUNT: Final = re.compile(r"\b001[a-zA-Z0-9]{12}(?:[a-zA-Z0-9]{3})?\b")


class Matching:
    """The lanes, and before them the question which Account a client is."""

    def __init__(
        self, lanes: Lanes, book: MatchBook, settings: Settings, clock: Callable[[], datetime]
    ) -> None:
        self._lanes = lanes
        self._book = book
        self._settings = settings
        self._clock = clock
        self._gatherings: dict[ConnectionName, Gathering] = {}

    def write(self, command: Command) -> Coroutine[Any, Any, Answer]:
        """Put the command's row on its way at once; what is returned brings Salesforce's answer."""
        answer = self._lanes.write(command)
        its_own = command.sobject is SObject.ACCOUNT and command.external_id_field != BY_CLIENT
        return self._unasked(command, answer) if its_own and self._is_asked(command) else answer

    async def introduce(self, command: Command) -> Answer:
        """Write an Account that we never delivered, once it is clear which one of the org's it is."""
        if command.external_id_field == BY_CLIENT:
            return await self._lanes.write(command)
        question = Question.of(command)
        said = await self._gathering(command.connection).ask(question)
        if not isinstance(said, Proceed):
            return said
        answer = await self._lanes.write(command)
        match answer:
            case Rejected(code=code) if code == DUPLICATES:
                return await self._duplicate(question, answer)
            case Applied() if said.notes:
                return replace(answer, notes=said.notes + answer.notes)
            case _:
                return answer

    def close(self) -> None:
        """Ask no more."""
        for gathering in self._gatherings.values():
            gathering.close()

    async def _unasked(self, command: Command, written: Awaitable[Answer]) -> Answer:
        """Ask nobody any more who a client is that has its Account: an earlier release left it asked.

        Raises:
            Unreachable: Kafka does not take it; write the row again.
        """
        answer = await written
        if isinstance(answer, Applied):
            await self._book.caught_up()
            if (match := self._is_asked(command)) is not None:
                its = answer.salesforce_id
                over = Question.of(command).over(match, "it carries the client's number", self._clock(), its)
                await self._book.write(over)
        return answer

    def _is_asked(self, command: Command) -> Match | None:
        """Return what is asked of a client; not where a decision could not be done: a person goes on."""
        match = standing(self._book.matches, command.connection, command.client)
        return match if match and match.state is MatchState.PROPOSED and not match.after else None

    def _gathering(self, connection: ConnectionName) -> Gathering:
        found = self._gatherings.get(connection)
        if found is None:
            org = self._lanes.org(connection)
            found = self._gatherings[connection] = Gathering(org, self._settling(org))
        return found

    def _settling(self, org: Org) -> Settle:
        return lambda questions: Settlement(org, self._book, self._mode(org.name), self._clock).settle(
            questions
        )

    def _mode(self, connection: ConnectionName) -> AccountMatching:
        try:
            return self._settings[connection].account_matching
        except KeyError:
            return AccountMatching.CREATE

    async def _duplicate(self, question: Question, answer: Rejected) -> Answer:
        """Leave to a person what a duplicate rule of the org stopped, unless a person said so already."""
        match = question.standing(self._book.matches)
        if is_decided(match) or self._mode(question.command.connection) is AccountMatching.CREATE:
            return answer
        hits = dict.fromkeys(SalesforceId(it) for it in _ACCOUNT.findall(answer.reason))
        candidates = tuple(Candidate(account=it, score=0, reasons=(_HIT,)) for it in hits)
        after = question.after(self._book.matches)
        asked = question.open(_STOPPED, self._clock(), candidates, after)
        await self._book.write(asked)
        return undecided(asked)


_STOPPED: Final = "a duplicate rule of the org stopped a new Account"
_HIT: Final = "hit by the org's duplicate rule"
