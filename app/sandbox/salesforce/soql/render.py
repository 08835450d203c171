"""Rows as a query's answer shows them: asked columns, parents nested, children as answers of their own."""

from collections.abc import Callable
from typing import Any

from app.sandbox.salesforce.refusal import Code, Json, bad_request
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.scope import Get, Scope
from app.sandbox.salesforce.soql.syntax import Fields, Path, Query

Show = Callable[[Row], Any]
Children = Callable[[Query, Shape], tuple[str, Show]]
MOST_UNBOUNDED = 200


class Columns:
    """What to show of rows of one object, in order."""

    def __init__(self, shape: Shape, scope: Scope, version: str) -> None:
        self._shape = shape
        self._scope = scope
        self._version = version
        self._shows: dict[str, Show] = {}
        self._parents: dict[str, tuple[Field, dict[str, Columns]]] = {}

    def add(self, names: tuple[str, ...], path: Path) -> None:
        """Show a field of the row, or of a parent."""
        if len(names) == 1:
            get, field = self._scope.field(self._shape, Path(names, path.at))
            self._shows[field.name] = get
            return
        reference, parents = self._scope.parents(self._shape, names[0], path)
        if reference.relationship not in self._parents:
            nested = {parent.thing.prefix: Columns(parent, self._scope, self._version) for parent in parents}
            self._parents[reference.relationship] = (reference, nested)
            self._shows[reference.relationship] = self._parent_show(reference, nested)
        for columns in self._parents[reference.relationship][1].values():
            columns.add(names[1:], path)

    def add_shown(self, name: str, show: Show) -> None:
        """Show something under `name` that is no field."""
        self._shows[name] = show

    def show(self, row: Row) -> Json:
        """Return the row as the answer has it."""
        shown: Json = {"attributes": attributes(self._shape.name, row["Id"], self._version)}
        for name, get in self._shows.items():
            shown[name] = get(row)
        return shown

    def _parent_show(self, reference: Field, nested: "dict[str, Columns]") -> Get:
        def show(row: Row) -> Json | None:
            parent = self._scope.parent(row.get(reference.name))
            return None if parent is None else nested[parent["Id"][:3]].show(parent)

        return show


def attributes(type_name: str, row_id: str, version: str) -> Json:
    """Return the `attributes` in front of every row."""
    return {"type": type_name, "url": f"/services/data/{version}/sobjects/{type_name}/{row_id}"}


def columns_of(query: Query, shape: Shape, scope: Scope, version: str, children: Children) -> Columns:
    """Return what `query` asks to see."""
    columns = Columns(shape, scope, version)
    for column in query.columns:
        match column:
            case Path() as path:
                columns.add(scope.own_names(shape, path), path)
            case Fields() as group:
                for field in _group(group, shape, query):
                    columns.add((field.name,), Path((field.name,), group.at))
            case Query() as inner:
                columns.add_shown(*children(inner, shape))
    return columns


def _group(group: Fields, shape: Shape, query: Query) -> list[Field]:
    if group.which != "STANDARD" and (query.limit is None or query.limit > MOST_UNBOUNDED):
        told = "The SOQL FIELDS function must have a LIMIT of at most 200"
        raise bad_request(Code.MALFORMED_QUERY, told)
    wanted = {"STANDARD": (False,), "CUSTOM": (True,), "ALL": (False, True)}[group.which]
    return [field for field in shape.fields.values() if field.custom in wanted]
