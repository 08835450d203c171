"""A client's life as the log and the audit tell it: what the steps say of records, given an org."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.codec import encode
from streams.domain.audit import AuditEntry, Step
from streams.domain.command import Command, SObject
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.message import Value
from streams.domain.place import Place
from streams.domain.record import Record
from streams.loop.burial import bury
from streams.loop.contract import Delivery
from streams.ports import Answer
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate
from tests.builders.records import A_CONNECTION, MORNING
from tests.fakes.org import FakeOrg


@dataclass
class Picky(FakeOrg):
    """An org that answers rows of some objects in its own way, until they are demanded."""

    answers: dict[SObject, Answer] = field(default_factory=dict)

    def _upsert(self, command: Command) -> Answer:
        answer = None if command.nonce else self.answers.get(command.sobject)
        return answer or super()._upsert(command)


@dataclass
class Life:
    """The steps at work, as the worker has them; what they say is kept as the audit view has it."""

    connection: Connection = A_CONNECTION
    org: FakeOrg = field(default_factory=FakeOrg)
    entries: list[dict[str, Any]] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    _ledger: dict[bytes, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._deliver = Deliver(self.org, {}, {})

    async def live(self, *records: Record) -> None:
        """Go through records, one after the other."""
        translate = Translate(self._ledger, {self.connection.name: self.connection})
        for record in records:
            try:
                said = [*translate(record)]
            except Permanent as error:
                self._buried(Step.TRANSLATE, record, error)
                continue
            await self.say(*said)

    async def say(self, *said: Value) -> None:
        """Keep what a step says; deliver what it commands, and what that sets going."""
        for it in said:
            match it:
                case AuditEntry():
                    self.entries.append(orjson.loads(encode(it)))
                case Command():
                    self.commands.append(it)
                    await self._told(it)

    async def _told(self, command: Command) -> None:
        try:
            said = [*self._deliver(command, await self._deliver.ask(command))]
        except Permanent as error:
            self._deliver.buried(command)
            self._buried(Step.DELIVER, command, error)
        else:
            await self.say(*said)

    def _buried(self, step: Step, message: Record | Command, error: Permanent) -> None:
        place = Place(topic="freshforce.commands", partition=0, offset=len(self.entries))
        delivery = Delivery(place, message.key.encode(), encode(message), MORNING)
        self.entries += [
            orjson.loads(encode(it))
            for it in bury(step, delivery, message, error)
            if isinstance(it, AuditEntry)
        ]


def lived(
    records: Sequence[Record], org: FakeOrg | None = None, connection: Connection = A_CONNECTION
) -> Life:
    """Return the life that `records` were."""
    life = Life(connection, org or FakeOrg())
    asyncio.run(life.live(*records))
    return life
