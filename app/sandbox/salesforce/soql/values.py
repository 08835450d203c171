"""The value a condition compares with, as rows keep it; its kind must be the field's."""

from typing import Any

from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.refusal import Code, Refusal
from app.sandbox.salesforce.schema import NUMBERS, Field
from app.sandbox.salesforce.soql.scope import Scope
from app.sandbox.salesforce.soql.syntax import Literal, Path
from app.sandbox.salesforce.soql.tokens import pointed_at

KINDS = {"boolean": "boolean", "date": "day", "datetime": "moment", "int": "number"}


def value_of(field: Field, literal: Literal, scope: Scope, path: Path) -> Any:
    """Return the value of `literal` as rows keep values of `field`.

    Raises:
        Refusal: the literal is of another kind than the field, or no id.
    """
    if literal.kind == "null":
        return None
    wanted = "number" if field.type in NUMBERS else KINDS.get(field.type, "text")
    if literal.kind != wanted:
        quoted = "should be enclosed in quotes" if wanted == "text" else "should not be enclosed in quotes"
        kind = "string" if wanted == "text" else field.type
        told = f"value of filter criterion for field '{field.name}' must be of type {kind} and {quoted}"
        raise pointed_at(scope.text, path.at, Code.INVALID_FIELD, told)
    if field.type in {"id", "reference"}:
        row_id = normal_id(literal.value)
        if row_id is None:
            raise _bad_id(literal, scope, path)
        return row_id
    return literal.value.casefold() if field.folds else literal.value


def _bad_id(literal: Literal, scope: Scope, path: Path) -> Refusal:
    told = f"invalid ID field: {literal.value}"
    return pointed_at(scope.text, path.at, Code.INVALID_QUERY_FILTER_OPERATOR, told)
