"""How many rows are parked, by connection and by what they wait for; counted as they come and go.

So asking costs nothing, however many there are.
"""

from collections import Counter
from enum import StrEnum
from typing import TypeVar

from streams.steps.parked import FAILED, ROW, split, tells_of_failure


class Behind(StrEnum):
    """What a parked row waits for."""

    ACCOUNT = "account"
    """The row that it refers to; or a person's word which Account the client is."""
    FAILED_ROW = "failed-row"
    """What a person does about a row of its client that failed."""


It = TypeVar("It")

Counted = tuple[str, Behind]
"""A connection, and what its rows wait for."""


class ParkedCount:
    """Follows a table of parked commands (streams.steps.parked), change by change.

    While any row of a client is failed, all that wait of it wait for that.
    """

    def __init__(self) -> None:
        self.of = Counter[Counted]()
        """The rows that are parked now; what is 0 is left out."""
        self._rows = Counter[bytes]()
        self._failed = set[bytes]()

    def changed(self, name: bytes, before: bytes | None, after: bytes | None) -> None:
        """Take note that an entry of the table became `after`; None stands for no entry."""
        key, sort = split(name)
        if sort == ROW and (before is None) != (after is None):
            one = 1 if before is None else -1
            _add(self._rows, key, one)
            self._count(key, one)
        elif sort == FAILED and tells_of_failure(after) != (key in self._failed):
            self._count(key, -self._rows[key])
            self._failed ^= {key}
            self._count(key, self._rows[key])

    def _count(self, key: bytes, rows: int) -> None:
        connection = key.partition(b":")[0].decode()
        _add(self.of, (connection, Behind.FAILED_ROW if key in self._failed else Behind.ACCOUNT), rows)


def _add(counter: Counter[It], it: It, number: int) -> None:
    """Add to a count, and leave out what comes to 0."""
    counter[it] += number
    if not counter[it]:
        del counter[it]
