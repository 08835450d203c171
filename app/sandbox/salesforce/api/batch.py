"""The rows of one request: read, counted, of known types, each key named once."""

from collections.abc import Sequence
from typing import Any

from app.sandbox.salesforce.api.exchange import Ask
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Code, Json, Refusal, bad_request, refuse, refuse_nested
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape

MOST_ROWS = 200
MOST_CHUNKS = 10


def read_rows(ask: Ask) -> tuple[bool, list[Json]]:
    """Return `allOrNone` and the rows of a request.

    Raises:
        Refusal: it has none, or more than 200.
    """
    body = object_body(ask.json())
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise bad_request(Code.JSON_PARSER_ERROR, "The request needs a list of records.")
    refuse_too_many(records)
    return body.get("allOrNone") is True, records


def refuse_too_many(rows: Sequence[object]) -> None:
    """Let a request pass that has at most 200 rows.

    Raises:
        Refusal: it has more.
    """
    if len(rows) > MOST_ROWS:
        raise bad_request(
            Code.EXCEEDED_ID_LIMIT,
            f"record limit reached. cannot submit more than {MOST_ROWS} records in this call",
        )


def _type_of(record: Json) -> str:
    attributes = record.get("attributes")
    named = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(named, str):
        raise bad_request(Code.INVALID_INPUT, "Include an attributes object with a type in each record.")
    return named


def shape_in(org: Org, record: Json) -> Shape:
    """Return the object that a row says to be of.

    Raises:
        Refusal: it says none, or one that is not.
    """
    named = _type_of(record)
    try:
        return shape_of(named, org.api_shapes)
    except Refusal:
        raise bad_request(Code.INVALID_TYPE, f"sObject type '{named}' is not supported.") from None


def refuse_other_types(org: Org, shape: Shape, records: Sequence[Json]) -> None:
    """Let rows pass that are all of the type in the address.

    Raises:
        Refusal: one is of another.
    """
    for record in records:
        if _type_of(record) != shape.name and shape_in(org, record) is not shape:
            raise bad_request(Code.INVALID_INPUT, f"All records must be of the type {shape.name}.")


def refuse_chunks(shapes: Sequence[Shape]) -> None:
    """Let rows pass whose types change at most nine times.

    Raises:
        Refusal: they change more often.
    """
    runs = sum(before is not after for before, after in zip([None, *shapes], shapes, strict=False))
    if runs > MOST_CHUNKS:
        raise bad_request(
            Code.INVALID_INPUT, f"cannot have more than {MOST_CHUNKS} chunks in a single operation."
        )


def struck(
    org: Org, shapes: Sequence[Shape], records: Sequence[Json], keys: Sequence[Any]
) -> dict[int, Refusal]:
    """Return the rows that the trouble in force strikes, by place."""
    found: dict[int, Refusal] = {}
    for name in dict.fromkeys(shape.name for shape in shapes):
        places = [at for at, shape in enumerate(shapes) if shape.name == name]
        org.trouble.refuse_poison(name, [records[at] for at in places])
        hit = org.trouble.strike(name, [keys[at] for at in places])
        found |= {places[at]: refusal for at, refusal in hit.items()}
    return found


def key_of(record: Json, key: Field) -> Any:
    """Return what a row says its key is.

    Raises:
        Refusal: it is no plain value.
    """
    name = key.name
    if name not in record:
        name = next((each for each in record if each.lower() == key.name.lower()), name)
    value = record.get(name)
    refuse_nested(name, value)
    return value


def doubled(org: Org, key: Field, values: Sequence[Any]) -> dict[int, Refusal]:
    """Return the rows that name a key which another row of the request names too."""
    if key.name == "Id":
        return {}
    places: dict[Any, list[int]] = {}
    for at, value in enumerate(values):
        if value is not None:
            places.setdefault(
                value.casefold() if key.folds and isinstance(value, str) else str(value), []
            ).append(at)
    first = 0 if org.profile.doubled_keys == "all" else 1
    return {
        at: refuse(Code.DUPLICATE_VALUE, f"Duplicate external id specified: {values[at]}", key.name)
        for held in places.values()
        if len(held) > 1
        for at in held[first:]
    }
