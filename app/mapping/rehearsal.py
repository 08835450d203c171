"""Run a changed mapping beside the present one, in memory: which rows would differ, and what that costs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.salesforce.calls.cost import calls, lines_written
from streams.domain.command import Field, SObject
from streams.domain.identity import ClientId
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.fold import fold
from streams.mapping.fact import LEFT, Left
from streams.mapping.flaws import MappingFailed
from streams.mapping.row import Row, content
from streams.mapping.rows import every
from streams.mapping.rules import Rules

Shown = Field | Left
"""What a field gets; LEFT when the mapping does not write it."""


class Sort(StrEnum):
    """What becomes of a row."""

    CHANGED = "changed"
    ADDED = "added"
    """Only the new mapping writes it."""
    DROPPED = "no longer written"
    """Only the present mapping writes it; it stays in Salesforce as it is."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One Salesforce row that would differ."""

    sobject: SObject
    external_id: str
    sort: Sort
    fields: dict[str, tuple[Shown, Shown]]
    """Name → what it gets now, what it would get."""


@dataclass(slots=True)
class Tally:
    """What a rehearsal found, in numbers."""

    clients: int = 0
    rows: int = 0
    unreadable: int = 0
    """Records in the log that are none."""
    differing: Counter[tuple[SObject, Sort]] = field(default_factory=Counter)
    lines: int = 0
    """How many lines of Opportunities would be written for the rows that are all lines of one."""
    failures: Counter[str] = field(default_factory=Counter)
    """Where the new mapping fails, and for how many clients."""
    present_failures: Counter[str] = field(default_factory=Counter)
    """The same of the present mapping; its rows count as none."""

    @property
    def calls(self) -> int:
        """How many API calls it takes, at the least, to write the rows that differ."""
        written: Counter[SObject] = Counter()
        for (sobject, sort), count in self.differing.items():
            written[sobject] += count if sort is not Sort.DROPPED else 0
        return calls(written, self.lines)

    def add(self, found: Difference) -> None:
        """Count a row that would differ."""
        self.differing[found.sobject, found.sort] += 1
        was, wanted = ({name: pair[at] for name, pair in found.fields.items()} for at in (0, 1))
        self.lines += lines_written(was, wanted)


@dataclass(slots=True)
class Rehearsal:
    """Gathers a connection's books from its records, then compares what two mappings make of them."""

    before: Rules
    after: Rules
    tally: Tally = field(default_factory=Tally)
    _ledger: dict[bytes, bytes] = field(default_factory=dict)
    _clients: dict[ClientId, str] = field(default_factory=dict)

    @property
    def clients(self) -> int:
        """How many clients have open books."""
        return len(self._clients)

    def learn(self, record: Record | None) -> None:
        """Enter the next record of the log into its client's books."""
        if record is None:
            self.tally.unreadable += 1
            return
        self._clients.setdefault(record.client, record.key)
        books = Books.opened(self._ledger, record.key)
        if fold(books, record, lines=True).changed:
            books.save()

    def differences(self) -> Iterator[Difference]:
        """Yield every row that would differ, client by client, then close the books; the tally grows."""
        for client, key in self._clients.items():
            books = Books.opened(self._ledger, key)
            old = _rows(self.before, client, books, self.tally.present_failures) or {}
            new = _rows(self.after, client, books, self.tally.failures)
            self.tally.clients += 1
            self.tally.rows += len(old)
            for found in () if new is None else compared(old, new):
                self.tally.add(found)
                yield found
        self._ledger.clear()
        self._clients.clear()


Rows = Mapping[tuple[SObject, str], Row]
"""By object and external id."""


def compared(old: Rows, new: Rows) -> Iterator[Difference]:
    """Yield each row that differs between the two."""
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if before is not None and after is not None and content(before) == content(after):
            continue
        sort = Sort.ADDED if before is None else Sort.DROPPED if after is None else Sort.CHANGED
        yield Difference(*name, sort, _fields(before, after) if after is not None else {})


def _rows(rules: Rules, client: ClientId, books: Books, failures: Counter[str]) -> Rows | None:
    """Return a client's rows; None, counted, when the mapping fails for one of them."""
    try:
        return {(row.sobject, row.external_id): row for row in every(rules, client, books)}
    except MappingFailed as failed:
        failures[str(failed)] += 1
        return None


def _fields(before: Row | None, after: Row) -> dict[str, tuple[Shown, Shown]]:
    was = before.fields if before else {}
    pairs = {name: (was.get(name, LEFT), after.fields.get(name, LEFT)) for name in {**was, **after.fields}}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}
