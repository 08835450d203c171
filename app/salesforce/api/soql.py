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
    for part in parts(before, values, after, room):
        yield in_list(before, part, after)


def in_list(before: str, values: Iterable[str], after: str = "") -> str:
    """Return the query `{before} ('a','b'…) {after}`."""
    return f"{before} ({','.join(map(text, values))}){after}"


def parts(before: str, values: Iterable[str], after: str = "", room: int = ROOM) -> Iterator[list[str]]:
    """Yield `values`, each once, in parts as large as one query of `room` bytes holds."""
    left = room - size(f"{before} (){after}")
    part: list[str] = []
    taken = 0
    for value in dict.fromkeys(values):
        its = size(text(value) + ",")
        if part and taken + its > left:
            yield part
            part, taken = [], 0
        part.append(value)
        taken += its
    if part:
        yield part


def size(soql: str) -> int:
    """Return how many bytes `soql` takes in an address."""
    return len(quote(soql, safe=""))
