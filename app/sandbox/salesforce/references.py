"""A parent named by its external id: `"Account": {"FreshBooks_Client_Id__c": "ACM123:7"}`."""

from typing import Any

from app.sandbox.salesforce.refusal import Code, Refusal, no_such_column, not_found, refuse, refuse_nested
from app.sandbox.salesforce.rows import Table
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape


def parent_id(reference: Field, said: Any, shapes: dict[str, Shape], tables: dict[str, Table]) -> str | None:
    """Return the id of the row that `said` names, None when it is to be cleared.

    Raises:
        Refusal: no such row (it may come later), several, or not the name of a key.
    """
    if said is None:
        return None
    if not isinstance(said, dict):
        told = (
            f"The value provided for foreign key reference {reference.relationship} is not a nested SObject"
        )
        raise refuse(Code.INVALID_FIELD, told)
    parent = shapes[_parent_type(reference, said, shapes)]
    keys = [(name, value) for name, value in said.items() if name != "attributes"]
    if len(keys) != 1:
        told = f"Only one field may name the row of {reference.relationship}"
        raise refuse(Code.INVALID_FIELD, told)
    return _found(parent, tables[parent.name], *keys[0])


def _parent_type(reference: Field, said: dict[str, Any], shapes: dict[str, Shape]) -> str:
    attributes = said.get("attributes")
    named = attributes.get("type") if isinstance(attributes, dict) else None
    possible = [name for name in reference.refers_to if name in shapes and named in (None, name)]
    if len(possible) == 1:
        return possible[0]
    told = f"Foreign key {reference.relationship} needs attributes with the type of its row"
    raise refuse(Code.INVALID_FIELD, told)


def _found(parent: Shape, table: Table, name: str, value: Any) -> str:
    field = parent.field(name)
    if field is None or not (field.external_id or field.id_lookup):
        raise no_such_column(name, parent.name, whole=False)
    refuse_nested(name, value)
    if field.name == "Id":
        return _by_id(table, value)
    found = table.find(field.name, value if value is None or field.type != "string" else str(value))
    if len(found) == 1:
        return found[0]
    raise _missing(parent.name, field.name, value) if not found else _several(found)


def _by_id(table: Table, value: Any) -> str:
    if value in table.rows:
        return str(value)
    raise refuse(Code.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")


def _missing(parent: str, field: str, value: Any) -> Refusal:
    if value in {None, ""}:
        return refuse(Code.INVALID_FIELD, "Foreign key external ID: not found")
    told = f"Foreign key external ID: {value} not found for field {field} in entity {parent}"
    return refuse(Code.INVALID_FIELD, told)


def _several(found: tuple[str, ...]) -> Refusal:
    told = f"More than one record found for external id field: [{', '.join(found)}]"
    return refuse(Code.DUPLICATE_EXTERNAL_ID, told)


def shape_of(name: str, shapes: dict[str, Shape]) -> Shape:
    """Return the object of that name, in any case.

    Raises:
        Refusal: there is none that the user may see.
    """
    found = shapes.get(name)
    if found is not None:
        return found
    for known, shape in shapes.items():
        if known.lower() == name.lower():
            return shape
    raise not_found()
