"""Derive a connection's whole history again and hold it against what was sent; partition by partition."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import Progress, bounds, stretch
from app.kafka.table import rows_of
from app.replay.proof import Alarm, Proof
from app.replay.rederived import Rederived
from streams.codec import readable
from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.scope import Scope
from streams.mapping.rules import Rules
from streams.topics import AUDIT, COMMANDS, ID_MAP, RECORDS


@dataclass(frozen=True, slots=True)
class Verified:
    """What the proof of one partition came to."""

    proof: Proof
    history: Rederived
    alarms: Sequence[Alarm]


@dataclass(frozen=True, slots=True)
class Verification:
    """Reads what is needed of Kafka, and changes nothing there."""

    options: Mapping[str, Any]
    connection: Connection
    progress: Progress

    async def partitions(self) -> AsyncIterator[Verified]:
        """Yield what each partition came to.

        Raises:
            KafkaAway: no broker answers, or one fell silent.
        """
        for place in await spots(self.options, RECORDS.name):
            yield await self.partition(place.partition)

    async def partition(self, number: int) -> Verified:
        """Return what one partition came to. What was sent is read first: the log may only be further."""
        id_map = await rows_of(self.options, ID_MAP, number)
        sent, said = await self._ends(COMMANDS.name, number), await self._ends(AUDIT.name, number)
        proof = Proof(Rules.of(self.connection).version)
        history = Rederived(Scope(self.connection.name), {}, {self.connection.name: self.connection})
        log = TopicPartition(RECORDS.name, number)
        async for message in stretch(self.options, log, *await self._ends(*log), self.progress):
            for command in history.take(message.key, message.value):
                proof.derived(command)
        proof.hold_against_delivered(id_map)
        alarms = [alarm async for alarm in self._sent(proof, history.scope, number, sent)]
        if proof.open:
            await self._explained(proof, history.scope, number, said)
        return Verified(proof, history, [*alarms, *proof.left()])

    async def _sent(
        self, proof: Proof, scope: Scope, number: int, between: tuple[int, int]
    ) -> AsyncIterator[Alarm]:
        place = TopicPartition(COMMANDS.name, number)
        async for message in stretch(self.options, place, *between, self.progress):
            command = readable(Command, message.value) if scope.may_want(message.key) else None
            for alarm in () if command is None else proof.hold_against_sent(command):
                yield alarm

    async def _explained(self, proof: Proof, scope: Scope, number: int, between: tuple[int, int]) -> None:
        place = TopicPartition(AUDIT.name, number)
        async for message in stretch(self.options, place, *between, self.progress):
            entry = readable(AuditEntry, message.value) if scope.may_want(message.key) else None
            if entry is not None:
                proof.explain(entry)

    async def _ends(self, topic: str, number: int) -> tuple[int, int]:
        place = TopicPartition(topic, number)
        return (await bounds(self.options, [place]))[place]
