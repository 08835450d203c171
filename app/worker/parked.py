"""The parked commands of this worker's partitions, and how many there are."""

from collections import Counter
from collections.abc import Iterable, Mapping

from app.worker.stores import Partitions, Rows
from streams.steps.parked_count import Counted, ParkedCount


class ParkedRows(Rows):
    """One partition's, counted with each change; journals and changelogs set and delete, nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.count = ParkedCount()

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.count.changed(key, self.get(key), value)
        super().__setitem__(key, value)

    def __delitem__(self, key: bytes) -> None:
        self.count.changed(key, self[key], None)
        super().__delitem__(key)


def parked(tables: Iterable[Partitions]) -> Mapping[Counted, int]:
    """Return how many commands are parked in all partitions that are here."""
    stores = (store for table in tables for store in table.stores)
    return sum((store.count.of for store in stores if isinstance(store, ParkedRows)), Counter[Counted]())
