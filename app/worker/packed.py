"""A mapping of small rows in little memory: millions of ids, loaded as fast as they arrive."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Final

from streams.domain.errors import Undecodable

KEY: Final = 16
"""Bytes of a key: a digest, so the first bits spread evenly."""
_BUCKETS: Final = 4096
_SMALL: Final = 4096
"""Rows below which repeated loads are not worth tidying."""


class PackedMap(MutableMapping[bytes, bytes]):
    """16-byte keys to values of at most `size` bytes, as rows side by side in 4,096 byte strings.

    A dict spends some 150 bytes on a row besides its contents; this spends about a dozen. Loading appends,
    so a key may stand there several times: the last one counts, and a look-up searches from the end.
    A quarter of a million rows make buckets of 61, so that a search reads some 3 KB.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._row = KEY + 1 + size
        self._tails = [(bytes([used]), bytes(size - used)) for used in range(size + 1)]
        """Before and after a value of so many bytes: its length, and what fills the row."""
        self._buckets = [bytearray() for _ in range(_BUCKETS)]
        self._loose = 0
        """Rows that loading appended since the last tidying."""
        self._kept = 0
        """Rows at the last tidying."""

    def load(self, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Take over records of a changelog, in their order; None deletes.

        Raises:
            Undecodable: a record that this table never wrote; the changelog is damaged or another's.
        """
        size, buckets, tails, row = self.size, self._buckets, self._tails, self._row
        count = 0
        for key, value in records:
            if len(key) != KEY or (value is not None and len(value) > size):
                message = f"a record of {len(key)} + {len(value or b'')} bytes in a table of {KEY} + {size}"
                raise Undecodable(message)
            bucket = buckets[key[0] << 4 | key[1] >> 4]
            if value is None:
                _drop(bucket, key, row)
            else:
                before, after = tails[len(value)]
                bucket += key + before + value + after
            count += 1
        self._loose += count
        if self._loose > max(_SMALL, self._kept):
            self._tidy()

    def __getitem__(self, key: bytes) -> bytes:
        bucket, at = self._find(key)
        if at < 0:
            raise KeyError(key)
        begin = at + KEY + 1
        return bytes(bucket[begin : begin + bucket[begin - 1]])

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if len(key) != KEY or len(value) > self.size:
            message = f"a row of {len(key)} + {len(value)} bytes in a table of {KEY} + {self.size}"
            raise ValueError(message)
        bucket, at = self._find(key)
        before, after = self._tails[len(value)]
        if at < 0:
            bucket += key + before + value + after
            self._kept += 1
        else:
            bucket[at + KEY : at + self._row] = before + value + after

    def __delitem__(self, key: bytes) -> None:
        bucket, at = self._find(key)
        if at < 0:
            raise KeyError(key)
        if self._loose:
            self._tidy()
        _drop(bucket, key, self._row)
        self._kept -= 1

    def __iter__(self) -> Iterator[bytes]:
        self._tidy()
        for bucket in self._buckets:
            rows = bytes(bucket)
            for at in range(0, len(rows), self._row):
                yield rows[at : at + KEY]

    def __len__(self) -> int:
        self._tidy()
        return self._kept

    def _find(self, key: bytes) -> tuple[bytearray, int]:
        """Return the bucket of `key` and where its row begins, or -1."""
        if len(key) != KEY:
            return self._buckets[0], -1
        bucket = self._buckets[key[0] << 4 | key[1] >> 4]
        at = bucket.rfind(key)
        while at > 0 and at % self._row:  # the same bytes across a row's border
            at = bucket.rfind(key, 0, at + KEY - 1)
        return bucket, at

    def _tidy(self) -> None:
        """Drop rows that a later one replaced."""
        if not self._loose:
            return
        row, kept = self._row, 0
        for bucket in self._buckets:
            rows = bytes(bucket)
            last = {rows[at : at + KEY]: at for at in range(0, len(rows), row)}
            if len(last) * row < len(rows):
                bucket[:] = b"".join([rows[at : at + row] for at in last.values()])
            kept += len(last)
        self._kept, self._loose = kept, 0


def _drop(bucket: bytearray, key: bytes, row: int) -> None:
    """Take out every row of `key`."""
    for at in range(len(bucket) - row, -1, -row):
        if bucket.startswith(key, at):
            del bucket[at : at + row]
