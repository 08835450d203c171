"""One row at a time: `/sobjects/{type}/...`."""

from http import HTTPStatus
from typing import Any

from app.sandbox.salesforce.api.exchange import Answer, Ask, boolean, success
from app.sandbox.salesforce.api.keys import key_field, matches, row_id_in
from app.sandbox.salesforce.api.upsert import SeveralMatches, upsert
from app.sandbox.salesforce.bin import delete
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Code, Json, Problem, Refusal, not_found, refuse
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.render import attributes

WITH_BODY_FROM = 46.0
"""From this API version on an upsert that changes a row answers with a body."""


def create(org: Org, ask: Ask, type_name: str) -> Answer:
    """Add a row."""
    shape, body = shape_of(type_name, org.api_shapes), object_body(ask.json())
    _refuse_troubled(org, shape, body, None)
    row_id = ask.writer.insert(shape, body)
    return Answer(HTTPStatus.CREATED, success(row_id), _location(ask, shape, row_id))


def update(org: Org, ask: Ask, type_name: str, text: str) -> Answer:
    """Change a row by its id."""
    shape, body = shape_of(type_name, org.api_shapes), object_body(ask.json())
    row_id = row_id_in(shape, text)
    _refuse_troubled(org, shape, body, row_id)
    ask.writer.update(shape, row_id, body)
    return Answer(HTTPStatus.NO_CONTENT)


def remove(org: Org, ask: Ask, type_name: str, text: str) -> Answer:
    """Delete a row by its id."""
    shape = shape_of(type_name, org.api_shapes)
    delete(org, ask.writer, shape, row_id_in(shape, text))
    return Answer(HTTPStatus.NO_CONTENT)


def read(org: Org, ask: Ask, type_name: str, text: str) -> Answer:
    """Show a row by its id."""
    shape = shape_of(type_name, org.api_shapes)
    row = ask.writer.row(shape, row_id_in(shape, text))
    return Answer(body=_shown(ask, shape, row))


def upsert_one(org: Org, ask: Ask, type_name: str, key_name: str, value: str) -> Answer:
    """Create or change the row that a key names."""
    shape, body = shape_of(type_name, org.api_shapes), object_body(ask.json())
    key = key_field(shape, key_name)
    _refuse_key(org, key, body)
    if boolean(ask.query.get("updateOnly")) and not matches(org, shape, key, value):
        raise not_found()
    _refuse_troubled(org, shape, body, value)
    try:
        row_id, created = upsert(ask.writer, shape, key, value, body)
    except SeveralMatches as several:
        return _choices(ask, shape, several.ids)
    return _upserted(ask, shape, row_id, created=created)


def read_by_key(org: Org, ask: Ask, type_name: str, key_name: str, value: str) -> Answer:
    """Show the row that a key names."""
    shape = shape_of(type_name, org.api_shapes)
    found = matches(org, shape, key_field(shape, key_name), value)
    if len(found) > 1:
        return _choices(ask, shape, found)
    if not found:
        raise not_found()
    return Answer(body=_shown(ask, shape, org.tables[shape.name].rows[found[0]]))


def remove_by_key(org: Org, ask: Ask, type_name: str, key_name: str, value: str) -> Answer:
    """Delete the row that a key names."""
    shape = shape_of(type_name, org.api_shapes)
    found = matches(org, shape, key_field(shape, key_name), value)
    if len(found) > 1:
        return _choices(ask, shape, found)
    if not found:
        raise not_found()
    delete(org, ask.writer, shape, found[0])
    return Answer(HTTPStatus.NO_CONTENT)


def _upserted(ask: Ask, shape: Shape, row_id: str, *, created: bool) -> Answer:
    modern = ask.at_least(WITH_BODY_FROM)
    if not created and not modern:
        return Answer(HTTPStatus.NO_CONTENT)
    body = success(row_id, created=created if modern else None)
    return Answer(
        HTTPStatus.CREATED if created else HTTPStatus.OK,
        body,
        _location(ask, shape, row_id) if created else {},
    )


def _choices(ask: Ask, shape: Shape, ids: tuple[str, ...]) -> Answer:
    return Answer(HTTPStatus.MULTIPLE_CHOICES, [_url(ask, shape, row_id) for row_id in ids])


def _url(ask: Ask, shape: Shape, row_id: str) -> str:
    return f"/services/data/{ask.version}/sobjects/{shape.name}/{row_id}"


def _location(ask: Ask, shape: Shape, row_id: str) -> dict[str, str]:
    return {"Location": _url(ask, shape, row_id)}


def _refuse_key(org: Org, key: Field, body: Json) -> None:
    named = next((name for name in body if name.lower() == key.name.lower() or name.lower() == "id"), None)
    if named is None:
        return
    if org.profile.key_in_body == "accepted" and named.lower() != "id":
        del body[named]
        return
    raise refuse(Code.INVALID_FIELD, f"The {named} field should not be specified in the sobject data.", named)


def _refuse_troubled(org: Org, shape: Shape, body: Json, key: str | None) -> None:
    org.trouble.refuse_poison(shape.name, [body])
    if struck := org.trouble.strike(shape.name, [key]):
        raise struck[0]


def _shown(ask: Ask, shape: Shape, row: Row) -> Json:
    shown: dict[str, Any] = {"attributes": attributes(shape.name, row["Id"], ask.version)}
    for name in _wanted(ask, shape):
        shown[name] = row.get(name)
    return shown


def _wanted(ask: Ask, shape: Shape) -> list[str]:
    if not (asked := ask.query.get("fields")):
        return list(shape.fields)
    found = {name: shape.field(name) for name in asked.split(",")}
    for name, field in found.items():
        if field is None:
            told = f"No such column '{name}' on sobject of type {shape.name}"
            raise Refusal(Problem(Code.INVALID_FIELD, told))
    return [field.name for field in found.values() if field is not None]
