"""An index: which rows hold a value. Most values have one row, so one id stands bare, several in a set."""

from collections.abc import Iterable
from typing import Any

from app.sandbox.salesforce.schema import Field


class Index:
    """The rows of one table by the value of one field; empty values are not kept."""

    def __init__(self, field: Field) -> None:
        self._folds = field.folds
        self._ids: dict[Any, str | dict[str, None]] = {}

    def add(self, value: Any, row_id: str) -> None:
        """Say that `row_id` holds `value`."""
        if value is None:
            return
        key = self._key(value)
        held = self._ids.get(key)
        if held is None:
            self._ids[key] = row_id
        elif isinstance(held, str):
            self._ids[key] = {held: None, row_id: None}
        else:
            held[row_id] = None

    def remove(self, value: Any, row_id: str) -> None:
        """Say that `row_id` holds `value` no more."""
        if value is None:
            return
        key = self._key(value)
        held = self._ids[key]
        if isinstance(held, str):
            del self._ids[key]
            return
        del held[row_id]
        if len(held) == 1:
            self._ids[key] = next(iter(held))

    def find(self, value: Any) -> tuple[str, ...]:
        """Return the ids of the rows that hold `value`, oldest first."""
        held = self._ids.get(self._key(value))
        if held is None:
            return ()
        return (held,) if isinstance(held, str) else tuple(held)

    def find_any(self, values: Iterable[Any]) -> list[str]:
        """Return the ids of the rows that hold one of `values`."""
        return list(dict.fromkeys(row_id for value in values for row_id in self.find(value)))

    def _key(self, value: Any) -> Any:
        return value.casefold() if self._folds and isinstance(value, str) else value
