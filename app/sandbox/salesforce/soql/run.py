"""A query run over the rows of an org."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.sandbox.salesforce.refusal import Code, Json
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.plan import candidates
from app.sandbox.salesforce.soql.predicate import predicate
from app.sandbox.salesforce.soql.render import Show, columns_of
from app.sandbox.salesforce.soql.scope import Get, Scope
from app.sandbox.salesforce.soql.syntax import Order, Path, Query
from app.sandbox.salesforce.soql.tokens import pointed_at


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a query found, and how to show one. `counted`: only their number was asked."""

    rows: list[Row]
    show: Callable[[Row], Json]
    counted: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """What a query found, to be handed out page by page."""

    found: Found
    size: int


def run(query: Query, scope: Scope, version: str, *, deleted: bool = False) -> Found:
    """Answer `query`; with `deleted` also from the recycle bin.

    Raises:
        Refusal: an object or field that the user cannot see, a value of the wrong kind.
    """
    shape = scope.object(query.source, query.source_at)
    columns = columns_of(query, shape, scope, version, _children(scope, version))
    return Found(_rows(query, shape, scope, deleted=deleted), columns.show, not query.columns)


def _rows(query: Query, shape: Shape, scope: Scope, *, deleted: bool = False) -> list[Row]:
    table = scope.tables[shape.name]
    ids = None if deleted else candidates(query.where, shape, table, scope)
    rows = table.every(deleted=deleted) if ids is None else table.some(ids)
    if query.where is not None:
        rows = filter(predicate(query.where, shape, scope, _inner(scope)), rows)
    found = _sorted(list(rows), query.order, shape, scope)
    end = None if query.limit is None else query.offset + query.limit
    return found[query.offset : end]


def _sorted(rows: list[Row], keys: tuple[Order, ...], shape: Shape, scope: Scope) -> list[Row]:
    """Sort by the last key first: each pass keeps the order of the one before among equals."""
    for key in reversed(keys):
        get, field = scope.field(shape, key.path)
        empty = [row for row in rows if get(row) is None]
        full = [row for row in rows if get(row) is not None]
        full.sort(key=_place(get, folds=field.folds), reverse=key.descending)
        rows = full + empty if key.nulls_last else empty + full
    return rows


def _place(get: Get, *, folds: bool) -> Get:
    return (lambda row: get(row).casefold()) if folds else get


def _inner(scope: Scope) -> Callable[[Query], list[Any]]:
    def values(query: Query) -> list[Any]:
        shape = scope.object(query.source, query.source_at)
        path = query.columns[0] if len(query.columns) == 1 else None
        if not isinstance(path, Path):
            raise pointed_at(
                scope.text, query.source_at, Code.MALFORMED_QUERY, "an inner query has one column"
            )
        get, _ = scope.field(shape, path)
        return [get(row) for row in _rows(query, shape, scope)]

    return values


def _children(scope: Scope, version: str) -> Callable[[Query, Shape], tuple[str, Show]]:
    def show_of(query: Query, parent: Shape) -> tuple[str, Show]:
        child, reference = _child(scope, query, parent)
        columns = columns_of(query, child, scope, version, _children(scope, version))

        def show(row: Row) -> Json | None:
            table = scope.tables[child.name]
            meets = predicate(query.where, child, scope, _inner(scope)) if query.where else lambda _: True
            mine = [each for each in table.some(table.find(reference, row["Id"])) if meets(each)]
            rows = _sorted(mine, query.order, child, scope)[: query.limit]
            return (
                {"totalSize": len(rows), "done": True, "records": [columns.show(each) for each in rows]}
                if rows
                else None
            )

        return query.source, show

    return show_of


def _child(scope: Scope, query: Query, parent: Shape) -> tuple[Shape, str]:
    for shape in scope.shapes.values():
        for field in shape.fields.values():
            if field.children.lower() == query.source.lower() and parent.name in field.refers_to:
                return shape, field.name
    told = f"Didn't understand relationship '{query.source}' in FROM part of query call."
    raise pointed_at(scope.text, query.source_at, Code.INVALID_TYPE, told)
