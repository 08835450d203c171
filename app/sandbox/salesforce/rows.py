"""The rows of one type, with their indexes and the recycle bin."""

from collections.abc import Iterable, Iterator
from typing import Any

from app.sandbox.salesforce.index import Index
from app.sandbox.salesforce.schema import SObject

Row = dict[str, Any]
"""A row's values by field. It is never changed in place: a write puts a new one in its stead."""


class Table:
    """All rows of one type. Deleted ones rest in the recycle bin, out of the indexes."""

    def __init__(self, thing: SObject) -> None:
        self.rows: dict[str, Row] = {}
        self.deleted: dict[str, Row] = {}
        self.reshape(thing)

    def reshape(self, thing: SObject) -> None:
        """Index the rows anew by the fields of `thing`; values of fields it lost stay, unseen."""
        self.thing = thing
        self.indexes = {
            name: Index(field) for name, field in thing.fields.items() if field.indexed and name != "Id"
        }
        for row in self.rows.values():
            self._index(row)

    def get(self, row_id: str) -> Row | None:
        """Return the live row of that id."""
        return self.rows.get(row_id)

    def find(self, field: str, value: Any) -> tuple[str, ...]:
        """Return the ids of the live rows whose `field` holds `value`; the field is an indexed one."""
        return self.indexes[field].find(value)

    def put(self, row: Row) -> None:
        """Keep `row` as it now is."""
        row_id = row["Id"]
        old = self.rows.get(row_id)
        self.rows[row_id] = row
        if old is None:
            self._index(row)
            return
        for name, index in self.indexes.items():
            before, after = old.get(name), row.get(name)
            if before != after:
                index.remove(before, row_id)
                index.add(after, row_id)

    def drop(self, row_id: str) -> None:
        """Forget a live row altogether, as if it never was."""
        row = self.rows.pop(row_id)
        for name, index in self.indexes.items():
            index.remove(row.get(name), row_id)

    def bin(self, row: Row) -> None:
        """Move a row, as it now is, to the recycle bin."""
        self.drop(row["Id"])
        self.deleted[row["Id"]] = row

    def unbin(self, row: Row) -> None:
        """Take a row, as it now is, out of the recycle bin."""
        del self.deleted[row["Id"]]
        self.put(row)

    def every(self, *, deleted: bool) -> Iterator[Row]:
        """Yield the live rows, then with `deleted` the ones in the recycle bin."""
        yield from self.rows.values()
        if deleted:
            yield from self.deleted.values()

    def some(self, ids: Iterable[str]) -> Iterator[Row]:
        """Yield the live rows among `ids`."""
        return (self.rows[each] for each in ids if each in self.rows)

    def _index(self, row: Row) -> None:
        for name, index in self.indexes.items():
            index.add(row.get(name), row["Id"])
