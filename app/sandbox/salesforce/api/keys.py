"""Rows named in a path: by id, or by the value of a key field."""

from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import not_found
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape


def key_field(shape: Shape, name: str) -> Field:
    """Return the field that may serve as a key of upserts.

    Raises:
        Refusal: it is unknown, hidden or no key (NOT_FOUND).
    """
    field = shape.field(name)
    if field is not None and (field.external_id or field.id_lookup):
        return field
    told = f"Provided external ID field does not exist or is not accessible: {name}"
    raise not_found(told)


def matches(org: Org, shape: Shape, field: Field, value: str | None) -> tuple[str, ...]:
    """Return the ids of the live rows that a key's value names."""
    table = org.tables[shape.name]
    if value is None:
        return ()
    if field.name != "Id":
        return table.find(field.name, value)
    row_id = normal_id(value)
    return (row_id,) if row_id in table.rows else ()


def row_id_in(shape: Shape, text: str) -> str:
    """Return the id written in a path, in its long form.

    Raises:
        Refusal: it is none, or one of another object (NOT_FOUND).
    """
    row_id = normal_id(text)
    if row_id is None or not row_id.startswith(shape.thing.prefix):
        raise not_found()
    return row_id
