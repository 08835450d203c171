"""A Salesforce that answers as it did then."""

from collections.abc import Iterable
from typing import Final, assert_never

from app.replay.incident.told import Answered, Answers, Place
from streams.domain.command import Command
from streams.domain.identity import CommandId, SalesforceId
from streams.ports import Absent, Answer, Applied, ParentMissing, Rejected, Undecided

NOBODY_ASKED: Final = "000000000000000AAA"
"""The record that a row became of which nobody knows what it was."""


class Then:
    """Gives each command its answers of then, in order. What was not asked then it takes."""

    def __init__(self, answers: Iterable[Answers]) -> None:
        self._answers = {each.place: each for each in answers}
        self._places: dict[CommandId, Place] = {}
        self._given: dict[CommandId, int] = {}
        self._ids: dict[str, str] = {}

    def expect(self, command: Command, place: Place) -> None:
        """Learn which command of then this is; the same one called for again stays where it was first."""
        self._places.setdefault(command.id, place)

    def next_of(self, command: Command) -> Answered | None:
        """Return what was said of the command after what it was told so far; None when that was all."""
        answers = self._answers.get(self._places[command.id])
        given = self._given.get(command.id, 0)
        return answers.said[given] if answers and given < len(answers.said) else None

    async def write(self, command: Command) -> Answer:
        """Return the next answer; past the last one, that again."""
        answers = self._answers.get(self._places[command.id])
        if answers is None:
            return self._taken(command, NOBODY_ASKED, created=False)
        given = self._given.get(command.id, 0)
        self._given[command.id] = given + 1
        return self._answer(command, answers, answers.said[min(given, len(answers.said) - 1)])

    introduce = write

    def _answer(self, command: Command, answers: Answers, it: Answered) -> Answer:
        match it.outcome:
            case "refused" if command.content == answers.content:
                return Rejected(it.code, "as then", "", it.fields)
            case "absent":
                return Absent("there is none, as then")
            case "parent-missing":
                return ParentMissing(it.code, it.fields)
            case "undecided":
                return Undecided("as then")
            case "applied" | "refused" | "discarded":
                return self._taken(command, it.salesforce_id, created=it.created)
            case never:
                assert_never(never)

    def _taken(self, command: Command, salesforce_id: str, *, created: bool) -> Applied:
        """Take the row; where nobody knows as which record, as the one that it was before."""
        known = salesforce_id or self._ids.get(command.row, NOBODY_ASKED)
        self._ids[command.row] = known
        return Applied(SalesforceId(known), created=created)
