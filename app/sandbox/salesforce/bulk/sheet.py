"""CSV as jobs take and give it: empty means "leave it", `#N/A` means "clear it"."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from app.sandbox.salesforce.bulk.job import DELIMITERS, Order
from app.sandbox.salesforce.refusal import Json, refuse
from app.sandbox.salesforce.schema import NUMBERS, Field
from app.sandbox.salesforce.shape import Shape

NOTHING = "#N/A"
LONGEST_HEADER = 32_000
WRONG_TYPE = "INVALID_TYPE_ON_FIELD_IN_RECORD"


class UnreadableSheet(Exception):
    """The upload as a whole is no sheet for this job; the message is the job's `errorMessage`."""


def read(upload: bytes, order: Order, shape: Shape) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the header and the rows of an upload.

    Raises:
        UnreadableSheet: it is no CSV of that shape, or names a field that is not.
    """
    try:
        text = io.StringIO(upload.decode(), newline="")
        header, *rows = csv.reader(text, delimiter=DELIMITERS[order.delimiter], strict=True)
    except (UnicodeDecodeError, csv.Error, ValueError):
        message = "InvalidBatch : Failed to parse CSV"
        raise UnreadableSheet(message) from None
    if sum(map(len, header)) > LONGEST_HEADER or any(len(row) != len(header) for row in rows):
        message = "InvalidBatch : The number of columns differs from the header's, or the header is too long"
        raise UnreadableSheet(message)
    for name in header:
        if not _is_column(shape, name):
            message = f"InvalidBatch : Field name not found : {name}"
            raise UnreadableSheet(message)
    return tuple(header), [tuple(row) for row in rows]


def body_of(shape: Shape, header: Sequence[str], row: Sequence[str]) -> Json:
    """Return a row as the body that the REST API would have got.

    Raises:
        Refusal: a value cannot be of its field's type.
    """
    body: Json = {}
    for name, text in zip(header, row, strict=True):
        reference, _, key = name.partition(".")
        if not text:
            continue
        if key:
            body[reference] = None if text == NOTHING else {key: text}
        else:
            field = shape.field(name)
            body[name] = None if text == NOTHING or field is None else _typed(field, text)
    return body


def written(header: Sequence[str], rows: Iterable[Sequence[str]], order: Order) -> bytes:
    """Return results as CSV."""
    text = io.StringIO(newline="")
    ending = "\n" if order.line_ending == "LF" else "\r\n"
    sheet = csv.writer(
        text, delimiter=DELIMITERS[order.delimiter], quoting=csv.QUOTE_ALL, lineterminator=ending
    )
    sheet.writerow(header)
    sheet.writerows(rows)
    return text.getvalue().encode()


def _is_column(shape: Shape, name: str) -> bool:
    reference, _, key = name.partition(".")
    return shape.relationship(reference) is not None if key else shape.field(name) is not None


def _typed(field: Field, text: str) -> Any:
    try:
        if field.type in NUMBERS:
            return float(text)
        if field.type == "int":
            return int(text)
    except ValueError:
        raise refuse(WRONG_TYPE, f"value not of required type: {text}", field.name) from None
    return text.lower() == "true" if field.type == "boolean" else text
