"""What a body asks to change in one row: names resolved, permissions met, values checked."""

from typing import Any

from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.references import parent_id
from app.sandbox.salesforce.refusal import (
    Code,
    Json,
    Problem,
    Refusal,
    bad_request,
    no_such_column,
    not_writable,
)
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.shape import Shape, Slot


class Reader:
    """Reads bodies for one kind of writer."""

    def __init__(self, profile: Profile, shapes: dict[str, Shape], tables: dict[str, Table]) -> None:
        self.shapes = shapes
        self._tables = tables
        self._unknown_is_whole = profile.unknown_field == "request"

    def changes(self, shape: Shape, body: Json, *, creating: bool) -> Row:
        """Return the values that `body` wants in a row, as they will be kept.

        Raises:
            Refusal: a field is unknown, not to be written, or its value is not what the field takes.
        """
        checks, changes, locked = shape.creating if creating else shape.updating, {}, []
        for name, said in body.items():
            check = checks.get(name)
            if check is not None:
                changes[name] = None if said is None else check(said)
                continue
            slot, value = self._odd(shape, name, said)
            if slot is None:
                continue
            if not (slot.createable if creating else slot.updateable):
                locked.append(slot.field.name)
                continue
            changes[slot.field.name] = None if value is None else slot.check(value)
        if locked:
            raise not_writable(*locked)
        _refuse_empty(shape, changes, creating=creating)
        return changes

    def _odd(self, shape: Shape, name: str, value: Any) -> tuple[Slot | None, Any]:
        """Read a name that is not the plain name of a field."""
        if name == "attributes":
            return None, None
        field = shape.field(name)
        if field is not None:
            return shape.slots[field.name], value
        reference = shape.relationship(name)
        if reference is None:
            raise no_such_column(name, shape.name, whole=self._unknown_is_whole)
        return shape.slots[reference.name], parent_id(reference, value, self.shapes, self._tables)


def _refuse_empty(shape: Shape, changes: Row, *, creating: bool) -> None:
    missing = [name for name in shape.required if changes.get(name) is None] if creating else []
    emptied = []
    if None in changes.values():
        emptied = [name for name, value in changes.items() if value is None and name in shape.never_empty]
    if lacking := tuple(dict.fromkeys([*missing, *emptied])):
        told = f"Required fields are missing: [{', '.join(lacking)}]"
        raise Refusal(Problem(Code.REQUIRED_FIELD_MISSING, told, lacking))


def object_body(body: Any) -> Json:
    """Return `body` if it is a JSON object.

    Raises:
        Refusal: it is something else.
    """
    if isinstance(body, dict):
        return body
    raise bad_request(
        Code.JSON_PARSER_ERROR, "The HTTP entity body is required, but this request has no entity body."
    )
