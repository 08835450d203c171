"""Messages of the log, handled once more in memory: the commands they come to today."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.codec import readable
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command
from streams.domain.errors import Permanent
from streams.domain.event import Event
from streams.domain.record import Record
from streams.domain.replay import Source
from streams.domain.scope import Scope
from streams.ports import Settings, State
from streams.steps.translate import Translate


@dataclass(slots=True)
class Counts:
    """What was met in the log."""

    messages: int = 0
    """Those of the scope."""
    objects: set[str] = field(default_factory=set)
    """From events: what FreshBooks would be asked for."""
    superseded: int = 0
    """Records that say nothing new of their object."""
    unreadable: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Why records would become dead letters, and how many."""


@dataclass(slots=True)
class Rederived:
    """Does with a partition's records what the worker's translate does, on a ledger of its own."""

    scope: Scope
    ledger: State
    settings: Settings
    counts: Counts = field(default_factory=Counts)
    _step: Translate = field(init=False)

    def __post_init__(self) -> None:
        self._step = Translate(self.ledger, self.settings)

    def take(self, key: bytes | None, value: bytes | None) -> Iterator[Command]:
        """Yield the commands that the next record of the log calls for."""
        if not self.scope.may_want(key):
            return
        record = readable(Record, value)
        if record is None:
            self.counts.unreadable += 1
        elif self.scope.wants(record):
            self.counts.messages += 1
            yield from self._translated(record)

    def _translated(self, record: Record) -> Iterator[Command]:
        try:
            said = [*self._step(record)]
        except Permanent as why:
            self.counts.failures[f"{why.code}: {why}"] += 1
            return
        for it in said:
            if isinstance(it, AuditEntry):
                self.counts.superseded += it.verdict is Verdict.SUPERSEDED
            elif isinstance(it, Command):  # what it tells other books stands in the log as well
                yield it


@dataclass(slots=True)
class Repeated:
    """Takes a partition's commands as they stand."""

    scope: Scope
    counts: Counts = field(default_factory=Counts)

    def take(self, key: bytes | None, value: bytes | None) -> Iterator[Command]:
        """Yield the next command, if it is meant."""
        command = readable(Command, value) if self.scope.may_want(key, Source.COMMANDS) else None
        if command is not None:
            self.counts.messages += 1
            if not command.waived:
                yield command


@dataclass(slots=True)
class Reread:
    """Counts a partition's events: what they come to, FreshBooks alone knows."""

    scope: Scope
    counts: Counts = field(default_factory=Counts)

    def take(self, key: bytes | None, value: bytes | None) -> Iterator[Command]:
        """Count the next event; no command is known."""
        event = readable(Event, value) if self.scope.may_want(key, Source.EVENTS) else None
        if event is not None:
            self.counts.messages += 1
            self.counts.objects.add(event.key)
        return iter(())
