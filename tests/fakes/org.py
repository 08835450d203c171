"""A Salesforce in memory that takes commands as streams.ports.Rows promises: for steps and simulations."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from streams.domain.command import Command, Field, Lookup, SObject, Stage
from streams.domain.identity import ConnectionName, SalesforceId
from streams.ports import Absent, Answer, Applied, HeldBack, ParentMissing, Rejected, Undecided

PREFIX = {
    SObject.ACCOUNT: "001",
    SObject.CONTACT: "003",
    SObject.OPPORTUNITY: "006",
    SObject.ORDER: "801",
    SObject.INVOICE: "3tt",
    SObject.LINES: "00k",
}
REQUIRED = {
    SObject.ACCOUNT: ("Name",),
    SObject.CONTACT: ("LastName",),
    SObject.OPPORTUNITY: ("Name", "StageName", "CloseDate"),
    SObject.ORDER: (),
    SObject.INVOICE: (),
    SObject.LINES: (),
}
PARENTS = {"Account": SObject.ACCOUNT, "Opportunity": SObject.OPPORTUNITY}

RowName = tuple[ConnectionName, SObject, str]
"""Connection, object and external id: the one row meant."""

Moment = Callable[[Command], Awaitable[None]]


async def at_once(_: Command) -> None:
    """Let no time pass."""


Judge = Callable[[Command], Answer | None]


def no_opinion(_: Command) -> None:
    """Leave it to the org's own rules."""


@dataclass
class FakeOrg:
    """Rows by external id; refuses what Salesforce refuses, and what the script says.

    `before` and `after` are awaited around the effect, per client in turn: let them sleep to make it
    slow, or be cancelled to lose a request or its answer.
    """

    before: Moment = at_once
    after: Moment = at_once
    meeting: Moment = at_once
    """Awaited before a new Account is written: who it is takes a while."""
    judge: Judge = no_opinion
    """Asked of every row that is written, after the script."""
    rows: dict[RowName, dict[str, Field]] = field(default_factory=dict)
    ids: dict[RowName, SalesforceId] = field(default_factory=dict)
    written: list[Command] = field(default_factory=list)
    """Every command that came, in order, whatever became of it."""
    applied: list[Command] = field(default_factory=list)
    """Those that Salesforce took."""
    holds_back: bool = True
    """Whether what came before a refusal, and is still to be sent, is held back."""
    undecided: set[str] = field(default_factory=set)
    """External ids of the clients of which a person must say which Account they are."""
    _script: dict[str, deque[Answer]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _refusals: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By client: the last refusal, as a number that grows with each question, and of which row it was."""

    def refuse(self, external_id: str, *answers: Answer) -> None:
        """Answer the next commands for `external_id` so, one after the other, without writing."""
        self._script.setdefault(external_id, deque()).extend(answers)

    def order(self, connection: ConnectionName, external_id: str) -> None:
        """Make an Order for an Opportunity, as a person could."""
        self.rows[connection, SObject.ORDER, external_id] = {}
        self.ids[connection, SObject.ORDER, external_id] = SalesforceId(f"801{next(self._numbers):012d}AAA")

    def forget(self, connection: ConnectionName, sobject: SObject, external_id: str) -> None:
        """Delete a row behind our back, as a person could."""
        del self.rows[connection, sobject, external_id]
        del self.ids[connection, sobject, external_id]

    async def write(self, command: Command) -> Answer:
        """Upsert the command's row by its external id."""
        came = next(self._numbers)
        async with self._turns.setdefault(command.key, asyncio.Lock()):
            refused, row = self._refusals.get(command.key, (-1, command.row))
            if refused > came and row != command.row:
                return HeldBack()
            await self.before(command)
            answer = self._upsert(command)
            await self.after(command)
            if isinstance(answer, Rejected) and self.holds_back:  # by now it is known
                self._refusals[command.key] = next(self._numbers), command.row
            return answer

    async def introduce(self, command: Command) -> Answer:
        """Upsert an Account that is new to us, unless a person must say first which one it is."""
        await self.meeting(command)
        if command.external_id in self.undecided and not command.optional:
            async with self._turns.setdefault(command.key, asyncio.Lock()):
                await self.before(command)
                return Undecided("several Accounts are like it")
        return await self.write(command)

    def _upsert(self, command: Command) -> Answer:
        self.written.append(command)
        if scripted := self._script.get(command.external_id):
            return scripted.popleft()
        if judged := self.judge(command):
            return judged
        name = (command.connection, command.sobject, command.external_id)
        if command.optional and name not in self.ids:
            return Absent("nobody made one")
        refused = self._refused(name, command)
        return self._written(name, command) if refused is None else refused

    def _refused(self, name: RowName, command: Command) -> Answer | None:
        if not command.external_id:
            return Rejected("blank-external-id", "the row has no external id", "report it")
        after = self.rows.get(name, {}) | command.fields
        absent = [column for column in REQUIRED[command.sobject] if not after.get(column)]
        if absent:
            reason = f"the org requires the field ({', '.join(absent)})"
            return Rejected("REQUIRED_FIELD_MISSING", reason, "give it a value in the mapping", tuple(absent))
        for column, value in command.fields.items():
            if isinstance(value, Lookup) and not self._has(command.connection, column, value):
                return ParentMissing("INVALID_FIELD", (value.external_id_field,))
        return None

    def _has(self, connection: ConnectionName, relationship: str, lookup: Lookup) -> bool:
        return (connection, PARENTS[relationship], lookup.external_id) in self.rows

    def _written(self, name: RowName, command: Command) -> Applied:
        self.applied.append(command)
        created = name not in self.rows
        row = self.rows.setdefault(name, {})
        row |= {name: it.name if isinstance(it, Stage) else it for name, it in command.fields.items()}
        for column in [column for column, value in row.items() if value is None]:
            del row[column]
        if created:
            self.ids[name] = SalesforceId(f"{PREFIX[command.sobject]}{next(self._numbers):012d}AAA")
        return Applied(self.ids[name], created)
