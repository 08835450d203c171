"""The part after WHERE: comparisons joined by AND or OR. SOQL wants parentheses where both are mixed."""

from collections.abc import Callable
from datetime import datetime

from app.sandbox.salesforce.checks import MOMENT
from app.sandbox.salesforce.refusal import Code
from app.sandbox.salesforce.soql.cursor import Cursor
from app.sandbox.salesforce.soql.syntax import Both, Comparison, Condition, Either, Literal, Not, Query
from app.sandbox.salesforce.soql.tokens import Kind, Token, pointed_at, unquoted

OPERATORS = ("=", "!=", "<>", "<", "<=", ">", ">=")
Select = Callable[[Cursor], Query]


def parse_condition(cursor: Cursor, select: Select) -> Condition:
    """Read a condition; `select` reads a query inside one."""
    parts = [_one(cursor, select)]
    joint = cursor.peek().text.upper()
    while cursor.take("AND" if joint == "AND" else "OR"):
        parts.append(_one(cursor, select))
    if cursor.peek().is_("AND", "OR"):
        raise cursor.unexpected()
    if len(parts) == 1:
        return parts[0]
    return Both(tuple(parts)) if joint == "AND" else Either(tuple(parts))


def _one(cursor: Cursor, select: Select) -> Condition:
    if cursor.take("NOT"):
        return Not(_one(cursor, select))
    if cursor.take("("):
        inner = parse_condition(cursor, select)
        cursor.expect(")")
        return inner
    return _comparison(cursor, select)


def _comparison(cursor: Cursor, select: Select) -> Comparison:
    path = cursor.path()
    if cursor.take("NOT"):
        cursor.expect("IN")
        return Comparison(path, "NOT IN", _list(cursor, select))
    operator = cursor.expect(*OPERATORS, "LIKE", "IN").text.upper()
    if operator == "IN":
        return Comparison(path, "IN", _list(cursor, select))
    return Comparison(path, "!=" if operator == "<>" else operator, _literal(cursor))


def _list(cursor: Cursor, select: Select) -> tuple[Literal, ...] | Query:
    cursor.expect("(")
    if cursor.peek().is_("SELECT"):
        inner = select(cursor)
        cursor.expect(")")
        return inner
    values = [_literal(cursor)]
    while cursor.take(","):
        values.append(_literal(cursor))
    cursor.expect(")")
    return tuple(values)


def _literal(cursor: Cursor) -> Literal:
    token = cursor.peek()
    match token.kind:
        case Kind.TEXT:
            value = Literal("text", unquoted(token.text))
        case Kind.NUMBER:
            value = Literal("number", float(token.text))
        case Kind.DAY:
            value = Literal("day", token.text)
        case Kind.MOMENT:
            value = Literal("moment", _in_utc(cursor, token))
        case Kind.NAME:
            value = _word(cursor, token)
        case _:
            raise cursor.unexpected()
    cursor.next()
    return value


def _in_utc(cursor: Cursor, token: Token) -> str:
    try:
        moment = datetime.fromisoformat(token.text)
    except ValueError:
        told = f"not a moment: {token.text}"
        raise pointed_at(cursor.text, token.at, Code.MALFORMED_QUERY, told) from None
    offset = moment.utcoffset()
    assert offset is not None, "the token's pattern has a zone"
    return (moment - offset).strftime(MOMENT)


def _word(cursor: Cursor, token: Token) -> Literal:
    word = token.text.upper()
    if word in {"TRUE", "FALSE"}:
        return Literal("boolean", word == "TRUE")
    if word == "NULL":
        return Literal("null", None)
    if word.split(":")[0] in {"TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS"}:
        return Literal("word", word)
    raise cursor.unexpected()
