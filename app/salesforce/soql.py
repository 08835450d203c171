"""Writing SOQL: values quoted, and long lists of them cut so that each query fits into an address."""

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

ROOM: Final = 12_000
"""Bytes of an encoded query; Salesforce takes 16,384 for the address with all headers."""

_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def select(columns: str, source: str, where: str = "") -> str:
    """Return a query; `where` holds values only as `text`, `begins` or numbers of ours."""
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {columns} FROM {source}{condition}"  # noqa: S608 - SOQL only reads, and values are quoted


def text(value: str) -> str:
    """Return `value` as a SOQL string."""
    return f"'{value.translate(_ESCAPES)}'"


def begins(value: str) -> str:
    """Return the pattern of a LIKE that meets what begins with `value`, taken literally."""
    plain = value.translate(_ESCAPES).replace("%", "\\%").replace("_", "\\_")
    return f"'{plain}%'"


def in_lists(before: str, values: Iterable[str], after: str = "", room: int = ROOM) -> Iterator[str]:
    """Yield queries `{before} ('a','b'…) {after}`, as few as fit their values into `room` bytes each."""
    left = room - _size(f"{before} (){after}")
    batch: list[str] = []
    taken = 0
    for value in map(text, dict.fromkeys(values)):
        size = _size(value + ",")
        if batch and taken + size > left:
            yield f"{before} ({','.join(batch)}){after}"
            batch, taken = [], 0
        batch.append(value)
        taken += size
    if batch:
        yield f"{before} ({','.join(batch)}){after}"


def _size(soql: str) -> int:
    return len(quote(soql, safe=""))
