"""Records of the log, translated once more in memory: the commands they call for today."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.replay.scope import Scope
from streams.codec import readable
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command
from streams.domain.errors import Permanent
from streams.domain.record import Record
from streams.ports import Settings, State
from streams.steps.translate import Translate


@dataclass(slots=True)
class Rederived:
    """Does with a partition's records what the worker's translate does, on a ledger of its own."""

    scope: Scope
    ledger: State
    settings: Settings
    records: int = 0
    superseded: int = 0
    """Records that say nothing new of their object."""
    unreadable: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Why records would become dead letters, and how many."""
    _step: Translate = field(init=False)

    def __post_init__(self) -> None:
        self._step = Translate(self.ledger, self.settings)

    def take(self, key: bytes | None, value: bytes | None) -> Iterator[Command]:
        """Yield the commands that the next record of the log calls for."""
        if not self.scope.may_want(key):
            return
        record = readable(Record, value)
        if record is None:
            self.unreadable += 1
        elif self.scope.wants(record):
            self.records += 1
            yield from self._translated(record)

    def _translated(self, record: Record) -> Iterator[Command]:
        try:
            said = [*self._step(record)]
        except Permanent as why:
            self.failures[f"{why.code}: {why}"] += 1
            return
        for it in said:
            if isinstance(it, AuditEntry):
                self.superseded += it.verdict is Verdict.SUPERSEDED
            else:
                yield it
