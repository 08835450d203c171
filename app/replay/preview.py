"""What a rewind of the record log would send: derived with the workers' own state, and nothing touched."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from app.kafka.log import Progress, bounds, stretch
from app.kafka.table import rows_of
from app.replay.rederived import Rederived
from app.replay.scope import Scope
from app.replay.weighing import Sort, Weighed, Weighing, calls
from streams.codec import readable
from streams.domain.command import Command, Field, SObject
from streams.domain.connection import Connection
from streams.steps.id_map import RowKey, row_key, short
from streams.topics import COMMANDS, ID_MAP, LEDGER, RECORDS


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a partition: from `begin` to before `end`."""

    partition: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One row that would be sent; `before` holds what was last delivered, None where that is not known."""

    command: Command
    sort: Sort
    before: Mapping[str, Field] | None


@dataclass(slots=True)
class Tally:
    """What a replay would do, in numbers."""

    rows: Counter[tuple[SObject, Sort]] = field(default_factory=Counter)
    left_alone: int = 0
    records: int = 0
    superseded: int = 0
    unreadable: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def calls(self) -> int:
        """How many API calls that takes, at the least."""
        return calls(self.rows)

    def add(self, derived: Rederived, weighing: Weighing) -> None:
        """Add a partition, after its rows were told."""
        self.left_alone += weighing.left_alone
        self.records += derived.records
        self.superseded += derived.superseded
        self.unreadable += derived.unreadable
        self.failures += derived.failures


@dataclass(frozen=True, slots=True)
class Preview:
    """Previews a replay from the records of `scope`."""

    options: Mapping[str, Any]
    connection: Connection
    scope: Scope
    progress: Progress
    forced: bool = False
    tally: Tally = field(default_factory=Tally)

    async def partition(self, span: Span) -> Sequence[Foreseen]:
        """Return the rows of one partition that would be sent; the tally grows.

        The ledger and the id map are the workers' own, read from their changelogs: so what a rewound worker
        would derive and leave alone is what is derived and left alone here.

        Raises:
            KafkaAway: no broker answers, or one fell silent.
        """
        ledger = await rows_of(self.options, LEDGER, span.partition)
        derived = Rederived(self.scope, ledger, {self.connection.name: self.connection})
        weighing = Weighing(await rows_of(self.options, ID_MAP, span.partition), forced=self.forced)
        log = TopicPartition(RECORDS.name, span.partition)
        async for message in stretch(self.options, log, span.begin, span.end, self.progress):
            for command in derived.take(message.key, message.value):
                weighing.add(command)
        rows = [*weighing.rows()]
        self.tally.rows.update((it.command.sobject, it.sort) for it in rows)
        self.tally.add(derived, weighing)
        return [*foreseen(rows, await self._before(rows, span.partition))]

    async def _before(self, rows: Sequence[Weighed], partition: int) -> Mapping[RowKey, Mapping[str, Field]]:
        """Return the fields that were last delivered of `rows`, where their commands are still kept."""
        wanted = {row_key(it.command.row): it.before for it in rows if it.before}
        place, found = TopicPartition(COMMANDS.name, partition), dict[RowKey, Mapping[str, Field]]()
        begin, end = (await bounds(self.options, [place]))[place] if wanted else (0, 0)
        async for message in stretch(self.options, place, begin, end, self.progress):
            command = readable(Command, message.value) if self.scope.may_want(message.key) else None
            if command is not None and wanted.get(row_key(command.row)) == short(command):
                found[row_key(command.row)] = command.fields
        return found

    async def spans(self, spans: Sequence[Span]) -> AsyncIterator[Foreseen]:
        """Yield the rows of all partitions that would be sent."""
        for span in spans:
            for each in await self.partition(span):
                yield each


def foreseen(rows: Sequence[Weighed], before: Mapping[RowKey, Mapping[str, Field]]) -> Iterator[Foreseen]:
    """Yield each row with what was last delivered of it."""
    for it in rows:
        yield Foreseen(it.command, it.sort, before.get(row_key(it.command.row)))
