"""Which rows to look at: an index where a condition names a key, else all of them."""

from app.sandbox.salesforce.rows import Table
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.scope import Scope
from app.sandbox.salesforce.soql.syntax import Both, Comparison, Condition, Literal
from app.sandbox.salesforce.soql.values import value_of


def candidates(condition: Condition | None, shape: Shape, table: Table, scope: Scope) -> list[str] | None:
    """Return ids among which all rows meeting `condition` are; None: any row may meet it."""
    match condition:
        case Both(parts):
            found = (candidates(part, shape, table, scope) for part in parts)
            return next((ids for ids in found if ids is not None), None)
        case Comparison(operator="=", value=Literal() as literal):
            return _by_key(condition, (literal,), shape, table, scope)
        case Comparison(operator="IN", value=tuple() as literals):
            return _by_key(condition, literals, shape, table, scope)
    return None


def _by_key(
    comparison: Comparison, literals: tuple[Literal, ...], shape: Shape, table: Table, scope: Scope
) -> list[str] | None:
    names = scope.own_names(shape, comparison.path)
    field = shape.field(names[0]) if len(names) == 1 else None
    if field is None or any(literal.kind in {"null", "word"} for literal in literals):
        return None
    values = [value_of(field, literal, scope, comparison.path) for literal in literals]
    if field.name == "Id":
        return list(dict.fromkeys(values))
    index = table.indexes.get(field.name)
    return None if index is None else index.find_any(values)
