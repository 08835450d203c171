"""A message as one may look at it: its shape and its keys, none of its values."""

from typing import Any, Final, assert_never

import orjson

from streams.domain.command import Field, Figure, Items, Lookup, Stage

DEEPEST: Final = 32
"""Levels that are shown: no message of ours has more, somebody's bytes may have a thousand."""


def masked(raw: bytes | None) -> Any:
    """Return the JSON of `raw` with every value replaced by what kind of value it is.

    Customers' names and amounts are no business of a screen. Lists show their first element and their length.
    """
    if raw is None:
        return "(a tombstone: no value)"
    try:
        return _shape(orjson.loads(raw))
    except orjson.JSONDecodeError:
        return f"({len(raw)} bytes that are no JSON)"


def masked_field(value: Field) -> str:  # noqa: PLR0911  # one per kind of value
    """Return what kind of value a field of a row holds."""
    match value:
        case None:
            return "(empty)"
        case str():
            return f"(text, {len(value)})"
        case bool():
            return "(yes or no)"
        case Figure():
            return "(number)"
        case Lookup():
            return "(another row)"
        case Stage():
            return "(a stage)"
        case Items():
            return "(lines)"
        case never:
            assert_never(never)


def _shape(value: Any, depth: int = 0) -> Any:
    match value:
        case dict() | list() if depth == DEEPEST:
            return "(deeper than we look)"
        case dict():
            return {key: _shape(inner, depth + 1) for key, inner in value.items()}
        case list():
            shown = [_shape(inner, depth + 1) for inner in value[:1]]
            return [*shown, *([f"({len(value)} in all)"] if len(value) > 1 else [])]
        case _:
            return _kind(value)


def _kind(value: Any) -> str | None:
    """Say what kind of value it is; that there is none may be said."""
    match value:
        case None:
            return None
        case str():
            return f"(text, {len(value)})"
        case bool():
            return "(yes or no)"
        case _:
            return "(number)"
