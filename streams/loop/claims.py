"""Whose records count in a changelog: in the order of the log, those of the highest epoch so far.

A worker that was frozen, or cut off, may have lost its partition without knowing; what it had under way
lands in the changelog late, behind newer values of the next owner. So every record carries its owner's
epoch, and a new owner writes a claim with a higher one before its first step runs, and reads up to it:

    … old owner's records │ claim of epoch 8 │ ours, epoch 8 … late ones of epoch 7 … ours │ claim of 9 …
                           └ all before it is loaded           └ ignored by every load

The log alone decides, no clock and no membership: whatever froze or was cut off, and for how long.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from streams.loop.contract import Sendable

Change = tuple[bytes, bytes | None]
"""A key and its new value; None deletes."""

Headers = tuple[tuple[str, bytes], ...]

EPOCH: Final = "epoch"
"""Header of every record: the writer's epoch, big-endian. Without it a record has the epoch 0."""
_CLAIM: Final = "claim"
CLAIM_KEY: Final = b"\x00claim"
"""Key of claims, so that compaction keeps the last one; no table has it."""


class Overtaken(RuntimeError):
    """Others write into our changelog: we may have lost the partition. A new process loads it anew."""


class Logged(Protocol):
    """A record as it stands in a changelog."""

    @property
    def offset(self) -> int:
        """Its place."""
        ...

    @property
    def key(self) -> bytes | None:
        """Whose value it is."""
        ...

    @property
    def value(self) -> bytes | None:
        """None deletes."""
        ...

    @property
    def headers(self) -> Headers:
        """The epoch, if it has one."""
        ...


class Entry(NamedTuple):
    """A record of a changelog that came from elsewhere than a bulk load."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class _Mark(NamedTuple):
    epoch: int
    is_claim: bool


def headers_of(epoch: int) -> Headers:
    """Return the headers of an owner's records; without a claim (epoch 0) there are none."""
    return ((EPOCH, _spelled(epoch)),) if epoch else ()


def claim(epoch: int) -> Sendable:
    """Return the record with which an owner begins. It has a value: a tombstone would vanish."""
    return CLAIM_KEY, _spelled(epoch), (*headers_of(epoch), (_CLAIM, b""))


class Sieve:
    """Lets through what counts of one changelog, batch by batch, and remembers what it held back."""

    def __init__(self) -> None:
        self.highest = 0
        """The highest epoch so far."""
        self.since = -1
        """Offset of the record that was the first of that epoch."""
        self.stale: set[bytes] = set()
        """Keys whose last record was held back; compaction might keep it and drop the right one."""

    def sift(self, records: Sequence[Logged]) -> list[Change]:
        """Return the changes that count, in their order.

        Nearly all batches are of one writer: the headers are compared, and parsed once for each kind.
        """
        marks = {headers: _mark(headers) for headers in {record.headers for record in records}}
        if len(marks) == 1 and not self.stale:
            mark = marks[records[0].headers]
            if mark.epoch >= self.highest and not mark.is_claim:
                self._rise(mark.epoch, records[0].offset)
                return [(record.key or b"", record.value) for record in records]
        return [*self._one_by_one(records, marks)]

    def _one_by_one(self, records: Sequence[Logged], marks: Mapping[Headers, _Mark]) -> Iterator[Change]:
        for record in records:
            epoch, is_claim = marks[record.headers]
            key = record.key or b""
            if epoch >= self.highest:
                self._rise(epoch, record.offset)
                if not is_claim:
                    self.stale.discard(key)
                    yield key, record.value
            elif not is_claim:
                self.stale.add(key)

    def _rise(self, epoch: int, offset: int) -> None:
        if epoch > self.highest:
            self.highest, self.since = epoch, offset


def _mark(headers: Headers) -> _Mark:
    named = dict(headers)
    return _Mark(int.from_bytes(named.get(EPOCH, b""), "big"), _CLAIM in named)


def _spelled(epoch: int) -> bytes:
    return epoch.to_bytes((epoch.bit_length() + 7) // 8, "big")
