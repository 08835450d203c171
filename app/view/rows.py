"""From an audit entry's bytes to its row. Tolerant: a newer writer's extra fields ride along in `entry`."""

import sys
from typing import Any, Final, NamedTuple

import orjson

from app.view.tables import ENTRIES


def row(partition: int, offset: int, at: int, value: bytes) -> dict[str, Any]:
    """Return the row of the entry at this place, written at `at` (milliseconds).

    Raises:
        ValueError: the bytes are no audit entry that the table could hold; skip it and count it.
    """
    entry = orjson.loads(value)
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        message = "an audit entry is a JSON object with an id"
        raise ValueError(message)  # noqa: TRY004 (the value is at fault, not the call)
    result = entry.get("result") or {}
    if not isinstance(result, dict):
        message = "a result is a JSON object"
        raise ValueError(message)  # noqa: TRY004 (as above)
    return _fitting(
        {
            "id": entry["id"],
            "partition": partition,
            "offset": offset,
            "at": at,
            "connection": entry.get("connection", ""),
            "client": entry.get("client"),
            "step": entry.get("step", ""),
            "verdict": entry.get("verdict", ""),
            "cause": entry.get("cause", ""),
            "object": entry.get("object"),
            "object_id": entry.get("object_id"),
            "sobject": result.get("sobject"),
            "external_id": result.get("external_id"),
            "salesforce_id": result.get("salesforce_id"),
            "entry": value.decode(),
        }
    )


class _Slot(NamedTuple):
    """What a column takes."""

    name: str
    kind: type[int] | type[str]
    nullable: bool
    longest: int


_SLOTS: Final = tuple(
    _Slot(
        column.name,
        column.type.python_type,
        bool(column.nullable),
        getattr(column.type, "length", None) or sys.maxsize,
    )
    for column in ENTRIES.columns
)


def _fitting(row: dict[str, Any]) -> dict[str, Any]:
    """Return `row` if the table can hold it: what the database refuses, it refuses for ever."""
    for slot in _SLOTS:
        if not _fits(row[slot.name], slot):
            message = f"{slot.name} is not as the table needs it"
            raise ValueError(message)
    return row


def _fits(value: Any, slot: _Slot) -> bool:
    if value is None:
        return slot.nullable
    if not isinstance(value, slot.kind) or isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return len(value) <= slot.longest and "\0" not in value
