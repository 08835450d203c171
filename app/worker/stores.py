"""A table's rows by partition: they come with the partition and go with it."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from app.worker.packed import PackedMap
from streams.loop.claims import Change, Logged
from streams.loop.holding import Holding
from streams.loop.journal import Journal
from streams.ports import State
from streams.topics import Table


class Rows(dict[bytes, bytes]):
    """Rows of any size."""

    def load(self, records: Iterable[Change]) -> None:
        """Take over changes in their order."""
        for key, value in records:
            if value is not None:
                self[key] = value
            elif key in self:
                del self[key]


Store = Rows | PackedMap


class Partitions:
    """One table: a store and its journal for each partition that this worker holds."""

    def __init__(self, table: Table, fresh: Callable[[], Store]) -> None:
        self.table = table
        self.loaded = 0
        """Records taken over from changelogs, ever: a sign of life while a table is being rebuilt."""
        self._fresh = fresh
        self._held: dict[int, Holding] = {}

    @property
    def held(self) -> Sequence[int]:
        """The partitions that are here."""
        return sorted(self._held)

    @property
    def rows(self) -> int:
        """Rows in all partitions."""
        return sum(len(holding.store) for holding in self._held.values())

    @property
    def stores(self) -> Iterator[State]:
        """The store of each partition that is here."""
        return (holding.store for holding in self._held.values())

    def every_key(self) -> Iterator[bytes]:
        """Yield the keys of all rows."""
        for holding in self._held.values():
            yield from holding.store

    def come(self, partition: int) -> Holding:
        """Take a partition on, empty unless it is here already, and return it."""
        if partition not in self._held:
            store = self._fresh()
            self._held[partition] = Holding(store, store.load, (self.table.changelog, partition))
        return self._held[partition]

    def journal(self, partition: int) -> Journal:
        """Return the partition's table, as a step uses it; it must have come."""
        return self._held[partition].journal

    def end(self, partition: int) -> int:
        """Return the last offset of the changelog that the store holds; -1 when it holds nothing."""
        return self._held[partition].journal.end if partition in self._held else -1

    def take(self, partition: int, records: Sequence[Logged]) -> None:
        """Take over the next records of the partition's changelog, as far as they count."""
        self.come(partition).take(records)
        self.loaded += len(records)

    def drop(self, partition: int) -> None:
        """Forget a partition that went to another worker."""
        self._held.pop(partition, None)
