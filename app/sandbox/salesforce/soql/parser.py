"""SOQL text → a query."""

from app.sandbox.salesforce.soql.conditions import parse_condition
from app.sandbox.salesforce.soql.cursor import Cursor
from app.sandbox.salesforce.soql.syntax import Condition, Fields, Order, Path, Query
from app.sandbox.salesforce.soql.tokens import Kind

WHICH_FIELDS = ("STANDARD", "CUSTOM", "ALL")


def parse(text: str) -> Query:
    """Read a SELECT.

    Raises:
        Refusal: it is not SOQL, or beyond what is known here (MALFORMED_QUERY).
    """
    cursor = Cursor(text)
    query = select(cursor)
    if cursor.peek().kind is not Kind.END:
        raise cursor.unexpected()
    return query


def parse_where(text: str) -> Condition:
    """Read a condition alone, as an admin writes one for a rule."""
    cursor = Cursor(text)
    condition = parse_condition(cursor, select)
    if cursor.peek().kind is not Kind.END:
        raise cursor.unexpected()
    return condition


def select(cursor: Cursor) -> Query:
    """Read from SELECT to the end of the query, or to the parenthesis that closes it."""
    cursor.expect("SELECT")
    columns = _columns(cursor)
    cursor.expect("FROM")
    source = cursor.name()
    _skip_alias(cursor)
    where = parse_condition(cursor, select) if cursor.take("WHERE") else None
    order = tuple(_order(cursor)) if cursor.take("ORDER") else ()
    limit = cursor.count() if cursor.take("LIMIT") else None
    offset = cursor.count() if cursor.take("OFFSET") else 0
    return Query(columns, source.text, source.at, where, order, limit, offset, cursor.text)


def _columns(cursor: Cursor) -> tuple[Path | Fields | Query, ...]:
    if cursor.peek().is_("COUNT") and cursor.peek(1).is_("("):
        cursor.next()
        cursor.next()
        cursor.expect(")")
        return ()
    columns = [_column(cursor)]
    while cursor.take(","):
        columns.append(_column(cursor))
    return tuple(columns)


def _column(cursor: Cursor) -> Path | Fields | Query:
    if cursor.take("("):
        inner = select(cursor)
        cursor.expect(")")
        return inner
    word = cursor.name()
    if not (word.is_("FIELDS") and cursor.take("(")):
        return Path(tuple(word.text.split(".")), word.at)
    which = cursor.expect(*WHICH_FIELDS)
    cursor.expect(")")
    return Fields(which.text.upper(), word.at)


def _skip_alias(cursor: Cursor) -> None:
    token = cursor.peek()
    if token.kind is Kind.NAME and not token.is_(
        "WHERE", "ORDER", "LIMIT", "OFFSET", "GROUP", "WITH", "USING", "FOR"
    ):
        raise cursor.unexpected()


def _order(cursor: Cursor) -> list[Order]:
    cursor.expect("BY")
    keys = [_order_key(cursor)]
    while cursor.take(","):
        keys.append(_order_key(cursor))
    return keys


def _order_key(cursor: Cursor) -> Order:
    path = cursor.path()
    descending = bool(cursor.take("DESC")) or (bool(cursor.take("ASC")) and False)
    nulls_last = bool(cursor.take("NULLS")) and cursor.expect("FIRST", "LAST").is_("LAST")
    return Order(path, descending, nulls_last)
