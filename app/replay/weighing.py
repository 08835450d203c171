"""Hold what a replay would send against what was last delivered, row by row, as deliver would."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from streams.domain.command import OPTIONAL, Command, SObject
from streams.ports import State
from streams.steps.id_map import IdMap, RowKey, parents, row_key
from streams.steps.parked import Parked


class Sort(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    SOUGHT = "looked for"
    """Only people make such a row, and none is known: where they made one by now it is changed."""
    CHANGED = "changed"
    SENT_AGAIN = "sent again"
    """It holds this content already, but is wanted all the same."""
    WAITS = "waits for its parent"
    BEHIND = "waits behind a failed row"
    """It goes once that row of its client is retried, edited or discarded."""


UNSENT: Final = frozenset({Sort.WAITS, Sort.BEHIND})
"""What costs no call."""
NEW: Final = frozenset({Sort.CREATED, Sort.CHANGED})
"""What Salesforce does not hold yet."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One row that would be sent."""

    command: Command
    sort: Sort
    before: bytes
    """The short hash of what was last delivered; empty when nothing was."""


@dataclass(slots=True)
class Weighing:
    """Takes a partition's commands in their order, then tells the rows that Salesforce would be asked for."""

    id_map: State
    forced: bool = False
    parked: State = field(default_factory=dict)
    """Where it is noted which rows of a client failed."""
    left_alone: int = 0
    """Rows that already are as they should be."""
    _due: dict[RowKey, Command] = field(default_factory=dict)
    _alone: set[RowKey] = field(default_factory=set)

    def add(self, command: Command) -> None:
        """Take the next command; of each row the newest counts, and one that is out of date does not.

        What was due stays so though Salesforce holds what a later one says: a worker that died may have
        sent the one between.
        """
        row, known = row_key(command.row), IdMap(self.id_map)
        if command.version < known.of(row).version:
            return
        if command.yields:
            self._gives_up(command)
            return
        if self.forced or row in self._due or not known.holds(row, command):
            self._due[row] = command
            self._alone.discard(row)
        else:
            self._alone.add(row)

    def _gives_up(self, command: Command) -> None:
        """Leave out the rows of an invoice that went to another client: they are that one's to send."""
        for row in map(row_key, command.rows):
            self._due.pop(row, None)
            self._alone.discard(row)

    def rows(self) -> Iterator[Weighed]:
        """Yield the rows that would be sent, in the order of their commands; then the numbers are right."""
        self.left_alone = len(self._alone)
        known = IdMap(self.id_map)
        for row, command in self._due.items():
            delivered = known.of(row)
            yield Weighed(
                command, self._sort(known, row, command), delivered.content if delivered.there else b""
            )

    def _sort(self, known: IdMap, row: RowKey, command: Command) -> Sort:
        failed = Parked(self.parked).failed(command.key)
        if failed and row not in failed:
            return Sort.BEHIND
        if any(it not in self._due and not known.of(it).there for it in parents(command)):
            return Sort.WAITS
        if not known.of(row).there:
            return Sort.SOUGHT if command.sobject in OPTIONAL else Sort.CREATED
        return Sort.SENT_AGAIN if known.holds(row, command) else Sort.CHANGED


def sent(rows: Mapping[tuple[SObject, Sort], int]) -> Mapping[SObject, int]:
    """Return how many of the rows of each object cost a call."""
    found: Counter[SObject] = Counter()
    for (sobject, sort), count in rows.items():
        found[sobject] += count if sort not in UNSENT else 0
    return found
