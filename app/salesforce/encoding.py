"""Rows to the bytes of one collections upsert."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.salesforce.describe import Shape
from app.salesforce.fitting import fitted
from app.salesforce.waiting import Row


@dataclass(frozen=True, slots=True)
class Batch:
    """The body of one request, and what fitting the rows into the org changed."""

    body: bytes
    notes: tuple[tuple[str, ...], ...]
    """Per row."""
    missing: frozenset[str]
    """Fields that were left out because the org does not have them for us."""


def batch(rows: Sequence[Row], key_field: str, shape: Shape) -> Batch:
    """Return the request that upserts `rows`, all of one object, as far as the org has room for them."""
    attributes = {"type": shape.sobject}
    missing: set[str] = set()
    records: list[dict[str, Any]] = []
    notes = []
    for row in rows:
        record: dict[str, Any] = {"attributes": attributes}
        notes.append(fitted(row.fields, shape, record, missing))
        record[key_field] = row.command.external_id
        records.append(record)
    body = orjson.dumps({"allOrNone": False, "records": records})
    return Batch(body, tuple(notes), frozenset(missing))
