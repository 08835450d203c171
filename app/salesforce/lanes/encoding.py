"""Rows to the bytes of one collections upsert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.salesforce.answers.refusals import Refusal, of_misfit
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.fitting import DOLLARS, fitted
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import Purse


@dataclass(frozen=True, slots=True)
class Batch:
    """The body of one request, and what fitting the rows into the org changed."""

    body: bytes
    notes: tuple[tuple[str, ...], ...]
    """Per row in it."""
    missing: frozenset[str]
    """Fields that were left out because the org does not have them for us."""
    misfits: Mapping[int, Refusal]
    """By place: rows that are not in it, since the org has no room for one of their values."""
    shape: Shape
    """What the rows were fitted to."""


def batch(rows: Sequence[Row], key_field: str, shape: Shape, purse: Purse = DOLLARS) -> Batch:
    """Return the request that upserts `rows`, all of one object, as far as the org has room for them."""
    attributes = {"type": shape.sobject}
    missing: set[str] = set()
    records: list[dict[str, Any]] = []
    notes: list[tuple[str, ...]] = []
    misfits: dict[int, Refusal] = {}
    for at, row in enumerate(rows):
        record: dict[str, Any] = {"attributes": attributes}
        try:
            if (worn := row.worn) is None:
                notes.append(fitted(row.fields, shape, record, missing, purse))
            else:
                told = worn.notes + fitted(worn.fields, shape, record, missing, purse)
                first = fitted(worn.first, shape.for_new, record, missing, purse) if worn.first else ()
                notes.append(told + first)
        except Misfit as misfit:
            misfits[at] = of_misfit(misfit.code, misfit.field, misfit.takes)
            continue
        record[key_field] = row.command.external_id
        records.append(record)
    body = orjson.dumps({"allOrNone": False, "records": records})
    return Batch(body, tuple(notes), frozenset(missing), misfits, shape)
