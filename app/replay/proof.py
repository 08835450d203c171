"""The determinism proof: what the whole history derives today, held against what was really sent."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.ports import State
from streams.steps.id_map import NO_CONTENT, IdMap, row_key, short


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row for which the log derives something else than was sent: code and log disagree."""

    row: str
    """Connection, object and external id."""
    version: int
    sent: str
    derived: str
    """Content hashes; nothing when the log derives no such row."""
    where: str
    """In which topic or table what was sent stands."""


@dataclass(slots=True)
class Proof:
    """The derived history of a partition's rows; feed it with `derived`, then hold it against the rest.

    A row at a version is what the last command at or before that version said: translate tells every row
    that a record changes, and a replay says the unchanged ones again under the version of its day.
    What an earlier mapping made cannot be derived with today's; it is counted, and no alarm.
    """

    mapping: str
    """Today's version of the mapping."""
    sent: int = 0
    delivered: int = 0
    """Commands, and rows as last delivered, that are as derived."""
    of_other_mappings: int = 0
    _history: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    _unproved: dict[tuple[str, str, int], Alarm] = field(default_factory=dict)
    """By object, external id and version: until somebody says by which mapping it was made."""

    def derived(self, command: Command) -> None:
        """Enter a command that the log derives, in the order of the log."""
        entry, history = (command.version, short(command)), self._history.setdefault(command.row, [])
        if not history or history[-1] != entry:
            history.append(entry)

    def hold_against_delivered(self, id_map: State) -> None:
        """Hold every derived row against what was last delivered of it."""
        known = IdMap(id_map)
        for row in self._history:
            last = known.of(row_key(row))
            if not last.there or last.content == NO_CONTENT:
                continue
            derived = self._at(row, last.version)
            if derived == last.content:
                self.delivered += 1
                continue
            *_, sobject, external_id = row.split(":", 3)
            alarm = Alarm(row, last.version, last.content.hex(), derived.hex(), "id_map")
            self._unproved[sobject, external_id, last.version] = alarm

    def hold_against_sent(self, command: Command) -> Iterator[Alarm]:
        """Hold a command that was sent against the log; yield what differs."""
        same = self._at(command.row, command.version) == short(command)
        if command.mapping != self.mapping:
            self.of_other_mappings += 1
            self._unproved.pop((command.sobject.value, command.external_id, command.version), None)
        elif same:
            self.sent += 1
        else:
            derived = self._at(command.row, command.version)
            yield Alarm(command.row, command.version, short(command).hex(), derived.hex(), "commands")

    def explain(self, entry: AuditEntry) -> None:
        """Let an audit entry say by which mapping a row was made whose command is no longer kept."""
        result = entry.result
        if result is None or entry.mapping in {"", self.mapping}:
            return
        name = (result.sobject.value, result.external_id, result.version)
        self.of_other_mappings += self._unproved.pop(name, None) is not None

    @property
    def rows(self) -> int:
        """How many rows the log derives."""
        return len(self._history)

    @property
    def open(self) -> bool:
        """Tell whether there are rows that nobody has explained yet."""
        return bool(self._unproved)

    def left(self) -> Iterator[Alarm]:
        """Yield the delivered rows that stay unexplained."""
        yield from self._unproved.values()

    def _at(self, row: str, version: int) -> bytes:
        history = self._history.get(row, [])
        at = bisect_right(history, version, key=itemgetter(0))
        return history[at - 1][1] if at else b""
