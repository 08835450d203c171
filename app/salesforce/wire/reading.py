"""Salesforce's JSON, read within bounds: a broken or hostile answer must not take the memory or the stack."""

import json
from decimal import Decimal
from typing import Any, Final

import orjson

MOST_VALUES: Final = 1_000_000
"""A page of 2,000 rows with 200 fields each holds less than half of it."""
DEEPEST: Final = 32
"""Levels; a duplicate rule's matches, the deepest that is documented, take ten."""


class Unreadable(ValueError):
    """No JSON, or more of it than any answer of Salesforce's."""


def parsed(body: bytes, *, exact: bool = False) -> Any:
    """Return what `body` says; `exact` keeps all digits of a number with a point, as a Decimal.

    Raises:
        Unreadable: it is no JSON, has too many values, or is nested too deep.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
        message = f"more than {MOST_VALUES} values"
        raise Unreadable(message)
    try:
        said = json.loads(body, parse_float=Decimal) if exact else orjson.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(_instead_of_json(body)) from None
    _refuse_depth(said)
    return said


def _instead_of_json(body: bytes) -> str:
    """Return what `body` is, in words that lead to who sent it, without a word of it."""
    begin = body[:100].lstrip()
    if begin.startswith(b"<"):
        return "a web page or XML, not JSON: a proxy's, or one about maintenance?"
    return "not JSON" if begin else "empty"


def _refuse_depth(said: Any) -> None:
    """Let pass what is no deeper than allowed; level by level, so that our own stack stays flat."""
    level = [said] if type(said) in _NESTED else []
    for _ in range(DEEPEST):
        parts = [whole.values() if type(whole) is dict else whole for whole in level]
        level = [part for inner in parts for part in inner if type(part) in _NESTED]
        if not level:
            return
    message = f"nested deeper than {DEEPEST} levels"
    raise Unreadable(message)


_NESTED: Final = frozenset({dict, list})
