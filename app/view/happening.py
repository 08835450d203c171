"""One thing that happened, as the view has it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Row


@dataclass(frozen=True, slots=True)
class Again:
    """A replay, and what led to the row that it sent once more."""

    plan: str
    by: str
    record: str = ""
    """The record from which the row was derived the last time before."""
    event: str = ""
    """The event that had brought that record."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One audit entry with the time Kafka gave it."""

    at: datetime
    partition: int
    offset: int
    entry: dict[str, Any]
    again: Again | None = None
    """Of what a replay did: which one, and what it did once more."""
    partly: bool = False
    """Of a decision about rows of others, too: what became of those is not told beside it."""


def happening(row: Row[Any]) -> Happening:
    """Return an entry with its time."""
    at = datetime.fromtimestamp(row.at / 1000, tz=UTC)
    return Happening(at, row.partition, row.offset, orjson.loads(row.entry))
