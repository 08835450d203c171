"""Up to 200 rows in one call: `/composite/sobjects/...`. The answer is 200 even where every row failed."""

from collections.abc import Callable, Sequence
from typing import Any

from app.sandbox.salesforce.api.batch import (
    doubled,
    key_of,
    read_rows,
    refuse_chunks,
    refuse_other_types,
    refuse_too_many,
    shape_in,
    struck,
)
from app.sandbox.salesforce.api.exchange import Answer, Ask, boolean, success
from app.sandbox.salesforce.api.keys import key_field
from app.sandbox.salesforce.api.upsert import SeveralMatches, refuse_keyless, several_refused, upsert
from app.sandbox.salesforce.bin import delete
from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Code, Json, Problem, Refusal, refuse, refuse_nested
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.writer import Writer

ROLLED_BACK = Problem(
    Code.ALL_OR_NONE_OPERATION_ROLLED_BACK,
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    (),
)

Write = Callable[[], Json]
"""Writes one row and returns its result."""


def upsert_many(org: Org, ask: Ask, type_name: str, key_name: str) -> Answer:
    """Create or change rows of one type by their key; each row says its own."""
    shape = shape_of(type_name, org.api_shapes)
    key = key_field(shape, key_name)
    all_or_none, records = read_rows(ask)
    org.counters.carried(f"upsert {shape.name}", len(records))
    refuse_other_types(org, shape, records)
    org.trouble.refuse_poison(shape.name, records)
    keys = [key_of(record, key) for record in records]
    failed = doubled(org, key, keys) | org.trouble.strike(shape.name, keys)
    writes = [
        _upsert_write(ask.writer, shape, key, value, record)
        for value, record in zip(keys, records, strict=True)
    ]
    return Answer(body=_each(org, ask.writer, writes, failed, all_or_none=all_or_none))


def create_many(org: Org, ask: Ask) -> Answer:
    """Add rows, of several types in up to ten runs."""
    all_or_none, records = read_rows(ask)
    shapes = [shape_in(org, record) for record in records]
    refuse_chunks(shapes)
    org.counters.carried("create", len(records))
    failed = struck(org, shapes, records, [None] * len(records))
    writes = [_create_write(ask.writer, shape, record) for shape, record in zip(shapes, records, strict=True)]
    return Answer(body=_each(org, ask.writer, writes, failed, all_or_none=all_or_none))


def update_many(org: Org, ask: Ask) -> Answer:
    """Change rows by id, of several types in up to ten runs."""
    all_or_none, records = read_rows(ask)
    shapes = [shape_in(org, record) for record in records]
    refuse_chunks(shapes)
    org.counters.carried("update", len(records))
    ids = [_id_in(record) for record in records]
    failed = struck(org, shapes, records, ids)
    writes = [_update_write(ask.writer, *each) for each in zip(shapes, ids, records, strict=True)]
    return Answer(body=_each(org, ask.writer, writes, failed, all_or_none=all_or_none))


def delete_many(org: Org, ask: Ask) -> Answer:
    """Delete rows by id."""
    ids = [each for each in ask.query.get("ids", "").split(",") if each]
    refuse_too_many(ids)
    org.counters.carried("delete", len(ids))
    writes = [_delete_write(org, ask.writer, each) for each in ids]
    return Answer(body=_each(org, ask.writer, writes, {}, all_or_none=boolean(ask.query.get("allOrNone"))))


def _each(
    org: Org, writer: Writer, writes: Sequence[Write], failed: dict[int, Refusal], *, all_or_none: bool
) -> list[Json]:
    """Write row after row; a row's refusal is its result, unless it is one of the whole request."""
    results: list[Json] = []
    mark = writer.mark()
    for at, write in enumerate(writes):
        try:
            results.append(_written(write, failed.get(at)))
        except Refusal as refusal:
            if refusal.whole:
                writer.undo(mark)
                raise
            results.append(refusal.result())
    if all_or_none and not all(result["success"] for result in results):
        writer.undo(mark)
        results = [_rolled_back(result) for result in results]
    org.counters.wrote(results)
    return results


def _written(write: Write, failure: Refusal | None) -> Json:
    if failure is not None:
        raise failure
    return write()


def _rolled_back(result: Json) -> Json:
    """Return what is said of a row when all went back; a real org adds `created: true`, true or not."""
    errors = [ROLLED_BACK.as_result()] if result["success"] else result["errors"]
    return {"success": False, "errors": errors, "created": True}


def _upsert_write(writer: Writer, shape: Shape, key: Field, value: Any, record: Json) -> Write:
    stays = key.name in shape.updating

    def write() -> Json:
        refuse_keyless(key, value)
        try:
            row_id, created = upsert(
                writer, shape, key, value, record if stays else _without(record, key.name)
            )
        except SeveralMatches:
            raise several_refused() from None
        return success(row_id, created=created)

    return write


def _without(record: Json, name: str) -> Json:
    return {each: value for each, value in record.items() if each != name}


def _create_write(writer: Writer, shape: Shape, record: Json) -> Write:
    return lambda: success(writer.insert(shape, record))


def _update_write(writer: Writer, shape: Shape, text: Any, record: Json) -> Write:
    def write() -> Json:
        row_id = normal_id(text) if isinstance(text, str) else None
        if row_id is None or not row_id.startswith(shape.thing.prefix):
            raise refuse(Code.MALFORMED_ID, f"{shape.name} ID: id value of incorrect type: {text}", "Id")
        writer.update(shape, row_id, {name: each for name, each in record.items() if name.lower() != "id"})
        return success(row_id)

    return write


def _id_in(record: Json) -> Any:
    row_id = record.get("id", record.get("Id"))
    refuse_nested("id", row_id)
    return row_id


def _delete_write(org: Org, writer: Writer, text: str) -> Write:
    def write() -> Json:
        row_id = normal_id(text)
        table = org.by_prefix.get(row_id[:3]) if row_id else None
        if row_id is None or table is None:
            raise refuse(Code.MALFORMED_ID, "malformed id " + text)
        if row_id not in table.rows and row_id not in table.deleted:
            raise refuse(Code.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")
        delete(org, writer, writer.shapes[table.thing.name], row_id)
        return success(row_id)

    return write
