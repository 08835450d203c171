"""A message as one may look at it: its shape and its keys, none of its values."""

from typing import Any

import orjson


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


def _shape(value: Any) -> Any:
    match value:
        case None:
            return None
        case dict():
            return {key: _shape(inner) for key, inner in value.items()}
        case list():
            return [*map(_shape, value[:1]), *([f"({len(value)} in all)"] if len(value) > 1 else [])]
        case str():
            return f"(text, {len(value)})"
        case bool():
            return "(yes or no)"
        case _:
            return "(number)"
