"""What a rewind of the log would send: derived with the workers' own state, and nothing touched."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from aiokafka import TopicPartition

from app.kafka.log import Progress, bounds, stretch
from app.kafka.table import rows_of
from app.replay.rederived import Counts, Rederived, Repeated, Reread
from app.replay.weighing import NEW, Sort, Weighed, Weighing, sent
from app.salesforce.calls.cost import calls, lines_written
from streams.codec import readable
from streams.domain.command import Command, Field, SObject
from streams.domain.connection import Connection
from streams.domain.replay import Source
from streams.domain.scope import Scope
from streams.loop.rewind import TOPICS
from streams.steps.id_map import RowKey, row_key, short
from streams.topics import COMMANDS, ID_MAP, LEDGER, PARKED


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
    lines: int = 0
    """How many lines of Opportunities are written; where a row is sent again as it is, its lines stay."""
    left_alone: int = 0
    counts: Counts = field(default_factory=Counts)

    def add(self, rows: Sequence[Foreseen]) -> None:
        """Count rows that would be sent."""
        self.rows.update((it.command.sobject, it.sort) for it in rows)
        going = (it for it in rows if it.sort in NEW)
        self.lines += sum(lines_written(it.before, it.command.fields) for it in going)

    @property
    def calls(self) -> int:
        """How many API calls that takes, at the least."""
        return calls(sent(self.rows), self.lines)


@dataclass(frozen=True, slots=True)
class Preview:
    """Previews a replay of `scope` from a source."""

    options: Mapping[str, Any]
    connection: Connection
    scope: Scope
    progress: Progress
    source: Source = Source.RECORDS
    forced: bool = False
    tally: Tally = field(default_factory=Tally)

    async def partition(self, span: Span) -> Sequence[Foreseen]:
        """Return the rows of one partition that would be sent; the tally grows.

        The ledger and the id map are the workers' own, read from their changelogs: so what a rewound worker
        would derive and leave alone is what is derived and left alone here.

        Raises:
            KafkaAway: no broker answers, or one fell silent.
        """
        again = await self._again(span.partition)
        id_map = await rows_of(self.options, ID_MAP, span.partition)
        parked = await rows_of(self.options, PARKED, span.partition) if self.connection.holds_back else {}
        weighing = Weighing(id_map, forced=self.forced, parked=parked)
        log = TopicPartition(TOPICS[self.source].name, span.partition)
        async for message in stretch(self.options, log, span.begin, span.end, self.progress):
            for command in again.take(message.key, message.value):
                weighing.add(command)
        rows = [*weighing.rows()]
        found = [*foreseen(rows, await self._before(rows, span.partition))]
        self.tally.add(found)
        self.tally.left_alone += weighing.left_alone
        return found

    async def _again(self, partition: int) -> Rederived | Repeated | Reread:
        """Return what handles the partition's messages once more."""
        match self.source:
            case Source.RECORDS:
                ledger = await rows_of(self.options, LEDGER, partition)
                settings = {self.connection.name: self.connection}
                return Rederived(self.scope, ledger, settings, self.tally.counts)
            case Source.COMMANDS:
                return Repeated(self.scope, self.tally.counts)
            case Source.EVENTS:
                return Reread(self.scope, self.tally.counts)
            case never:
                assert_never(never)

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
