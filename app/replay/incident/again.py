"""Going through an incident with the steps as they are today: no Kafka, no vendor, one message at a time."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import JsonValue

from app.replay.incident.then import Then
from app.replay.incident.told import Decision, Incident, Place
from streams.domain.audit import AuditEntry, Step
from streams.domain.command import Command
from streams.domain.errors import Permanent
from streams.domain.identity import CommandId
from streams.domain.record import Record
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate

WELL: Final = frozenset({"applied", "unchanged", "superseded", "released", "translated"})
"""Verdicts after which nothing is left to do."""


@dataclass(slots=True)
class Again:
    """The steps at work on an incident, and what they said."""

    incident: Incident
    decided: list[Decision] = field(default_factory=list)
    commands: dict[Place, Command] = field(default_factory=dict)
    """All that the records called for."""
    shares: set[str] = field(default_factory=set)
    """Ids of what other clients heard of it."""
    endings: dict[CommandId, str] = field(default_factory=dict)
    """The last verdict of each."""
    _then: Then = field(init=False)
    _translate: Translate = field(init=False)
    _deliver: Deliver = field(init=False)

    def __post_init__(self) -> None:
        connection = self.incident.connection
        self._then = Then(self.incident.answers)
        self._translate = Translate({}, {connection.name: connection})
        self._deliver = Deliver(self._then, {}, {}, lambda _: connection.holds_back)

    async def run(self) -> tuple[Decision, ...]:
        """Return what the steps decide, in order: first on all records, then on what a person saw to."""
        for number, record in enumerate(self.incident.records):
            for row, command in enumerate(self._translated(record)):
                self.commands[number, row] = command
                self._then.expect(command, (number, row))
                await self._deliver_all(command)
        await self._seen_to()
        return tuple(self.decided)

    def _translated(self, record: Record) -> Sequence[Command]:
        try:
            said = [*self._translate(record)]
        except Permanent as why:
            self._note(Step.TRANSLATE, record.id, "dead-letter", why.code)
            return ()
        commands = [it for it in said if isinstance(it, Command)]
        self.shares |= {it.id for it in said if isinstance(it, Record)}
        rows = tuple(map(_row, commands))
        for it in said:
            if isinstance(it, AuditEntry):
                self._note(it.step, record.id, it.verdict, it.rule, rows)
        return commands

    async def _seen_to(self) -> None:
        """Retry or discard what failed, as a person did then: when is not kept, so it is done at the end."""
        tries = 0
        for command in {it.id: it for it in self.commands.values()}.values():
            while self.endings.get(command.id) == "dead-letter" and (after := self._then.next_of(command)):
                waived, tries = after.outcome == "discarded", tries + 1
                demand = {"waived": waived, "nonce": f"f{tries:015x}"}
                await self._deliver_all(command.model_copy(update=demand))
                if waived:
                    break

    async def _deliver_all(self, first: Command) -> None:
        """Deliver a command and whatever its answer lets go."""
        waiting = deque([first])
        while waiting:
            command = waiting.popleft()
            try:
                said = [*self._deliver(command, await self._deliver.ask(command))]
            except Permanent as why:
                self._deliver.buried(command)
                self._ended(command.id, _named(command), "dead-letter", why.code)
                continue
            for it in said:
                if isinstance(it, AuditEntry):
                    result = it.result
                    named = f"{result.sobject} {result.external_id}" if result else _named(command)
                    self._ended(CommandId(it.cause), named, it.verdict, it.rule)
                elif isinstance(it, Command):  # an event would be read from FreshBooks, which is not here
                    waiting.append(it)

    def _ended(self, command: CommandId, named: str, verdict: str, why: str) -> None:
        self.endings[command] = verdict
        self._note(Step.DELIVER, named, verdict, why)

    def _note(
        self, step: Step, of: str, verdict: str, why: str, rows: tuple[dict[str, JsonValue], ...] = ()
    ) -> None:
        self.decided.append(Decision(step=step, of=of, verdict=verdict, why=why, rows=rows))


def again(incident: Incident) -> tuple[Decision, ...]:
    """Return what the pure steps decide today of what happened then."""
    return asyncio.run(Again(incident).run())


def troubles(decided: Sequence[Decision]) -> list[str]:
    """Return what did not end well: of each row or record the last word counts."""
    last: Mapping[tuple[Step, str], Decision] = {(it.step, it.of): it for it in decided}
    return [f"{it.step}: {it.of}: {it.verdict} ({it.why})" for it in last.values() if it.verdict not in WELL]


def _row(command: Command) -> dict[str, JsonValue]:
    plain: dict[str, JsonValue] = command.model_dump(
        mode="json", include={"sobject", "external_id", "version", "fields", "defaults"}
    )
    return plain


def _named(command: Command) -> str:
    return f"{command.sobject} {command.external_id}"
