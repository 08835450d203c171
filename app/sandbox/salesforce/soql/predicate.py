"""A condition → a function that tells whether a row meets it."""

import operator
import re
from collections.abc import Callable
from typing import Any

from app.sandbox.salesforce.refusal import Code, Refusal
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.schema import TEXT, Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.period import period
from app.sandbox.salesforce.soql.scope import Get, Scope
from app.sandbox.salesforce.soql.syntax import Both, Comparison, Condition, Either, Literal, Not, Query
from app.sandbox.salesforce.soql.tokens import pointed_at
from app.sandbox.salesforce.soql.values import value_of

Predicate = Callable[[Row], bool]
RowsOf = Callable[[Query], list[Any]]
"""Answers a query inside a condition with the values of its one column."""

ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def predicate(condition: Condition, shape: Shape, scope: Scope, inner: RowsOf) -> Predicate:
    """Return the test for `condition` on rows of `shape`; `inner` answers queries inside it."""
    match condition:
        case Both(parts):
            tests = [predicate(part, shape, scope, inner) for part in parts]
            return lambda row: all(test(row) for test in tests)
        case Either(parts):
            tests = [predicate(part, shape, scope, inner) for part in parts]
            return lambda row: any(test(row) for test in tests)
        case Not(part):
            test = predicate(part, shape, scope, inner)
            return lambda row: not test(row)
        case Comparison():
            return _comparison(condition, shape, scope, inner)


def _comparison(comparison: Comparison, shape: Shape, scope: Scope, inner: RowsOf) -> Predicate:
    get, field = scope.field(shape, comparison.path)
    get = _folding(get) if field.folds else get
    match comparison.value:
        case Query() as query:
            return _in(get, {_folded(field, value) for value in inner(query)}, comparison.operator)
        case Literal(kind="word", value=word) if field.type in {"date", "datetime"}:
            if comparison.operator == "LIKE":
                raise _no_operator(comparison, field, scope)
            return period(get, field, word, comparison.operator, scope.today)
        case Literal(value=text) if comparison.operator == "LIKE":
            if field.type not in TEXT:
                raise _no_operator(comparison, field, scope)
            return _like(get, str(text))
        case Literal() as literal:
            return _compare(get, value_of(field, literal, scope, comparison.path), comparison.operator)
        case tuple() as literals:
            values = {value_of(field, literal, scope, comparison.path) for literal in literals}
            return _in(get, values, comparison.operator)


def _no_operator(comparison: Comparison, field: Field, scope: Scope) -> Refusal:
    told = f"invalid operator on {field.type} field"
    return pointed_at(scope.text, comparison.path.at, Code.INVALID_QUERY_FILTER_OPERATOR, told)


def _folding(get: Get) -> Get:
    def folded(row: Row) -> Any:
        value = get(row)
        return None if value is None else value.casefold()

    return folded


def _folded(field: Field, value: Any) -> Any:
    return value.casefold() if field.folds and value is not None else value


def _in(get: Get, values: set[Any], how: str) -> Predicate:
    if how == "IN":
        return lambda row: get(row) in values
    return lambda row: get(row) not in values


def _compare(get: Get, value: Any, how: str) -> Predicate:
    if how == "=":
        return lambda row: get(row) == value
    if how == "!=":
        return lambda row: get(row) != value
    holds = ORDERED[how]

    def test(row: Row) -> bool:
        found = get(row)
        return found is not None and value is not None and bool(holds(found, value))

    return test


def _like(get: Get, pattern: str) -> Predicate:
    parts = re.split(r"(\\[%_]|%|_)", pattern)
    meaning = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    wanted = re.compile(
        "".join(meaning.get(part) or re.escape(part) for part in parts), re.IGNORECASE | re.DOTALL
    )
    return lambda row: wanted.fullmatch(get(row) or "") is not None
