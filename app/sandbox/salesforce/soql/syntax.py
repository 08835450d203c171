"""A query once read: what is asked, of which object, under which conditions, in which order."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Path:
    """A field, perhaps of a parent: `Account.Owner.Name`."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Fields:
    """`FIELDS(STANDARD)`, `FIELDS(CUSTOM)` or `FIELDS(ALL)`."""

    which: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a condition. `kind` is text, number, day, moment, boolean, null or word (`TODAY`)."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path operator value`; the value is a tuple for IN and NOT IN, or a query to look into."""

    path: Path
    operator: str
    value: "Literal | tuple[Literal, ...] | Query"


@dataclass(frozen=True, slots=True)
class Both:
    """Every one of the conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the conditions."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Condition"


Condition = Comparison | Both | Either | Not


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY."""

    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole SELECT; `columns` empty: `count()`."""

    columns: tuple["Path | Fields | Query", ...]
    source: str
    source_at: int
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    text: str
