"""Make a row with this key be so: create it, change it, or say that several bear the key."""

from typing import Any

from app.sandbox.salesforce.api.keys import matches
from app.sandbox.salesforce.refusal import Code, Json, Refusal, not_found, refuse
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.writer import Writer


class SeveralMatches(Exception):
    """More than one row bears the key; nothing was written."""

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__(f"{len(ids)} rows bear the key")
        self.ids = ids


def upsert(writer: Writer, shape: Shape, key: Field, value: Any, body: Json) -> tuple[str, bool]:
    """Return the id of the row and whether it was created; `body` may hold an external id that is the key.

    Raises:
        SeveralMatches: the key is not unique.
        Refusal: the row is not to become so.
    """
    found = matches(writer.org, shape, key, None if value is None else str(value))
    if len(found) > 1:
        raise SeveralMatches(found)
    if found:
        writer.update(shape, found[0], body)
        return found[0], False
    if key.name == "Id":
        return _create_without_key(writer, shape, value, body), True
    return writer.insert(shape, body if key.name in body else {key.name: value} | body), True


def _create_without_key(writer: Writer, shape: Shape, value: Any, body: Json) -> str:
    if value is None:
        return writer.insert(shape, body)
    writer.row(shape, str(value))
    raise not_found()


def refuse_keyless(key: Field, value: Any) -> None:
    """Let a row pass that says its key.

    Raises:
        Refusal: it does not (MISSING_ARGUMENT).
    """
    if value in {None, ""} and key.name != "Id":
        raise refuse(Code.MISSING_ARGUMENT, f"{key.name} not specified", key.name)


def several_refused() -> Refusal:
    """Return the refusal of one row among others whose key is not unique."""
    told = "A user-specified external ID matches more than one record during an upsert."
    return refuse(Code.DUPLICATE_EXTERNAL_ID, told)
