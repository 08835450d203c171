"""An answer's JSON, within limits: numbers keep their digits, doubled keys and NaN are refused."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Never

from pydantic import JsonValue

from app.freshbooks.refused import Garbled, Unreadable

MAX_BYTES: Final = 10_000_000
MAX_DEPTH: Final = 64
MAX_DIGITS: Final = 400

Document = dict[str, Any]
"""A JSON object: int and Decimal for numbers, never a float."""


def document(body: bytes) -> Document:
    """Return the JSON object in `body`.

    Raises:
        Garbled: it is not JSON, or cut off; ask again.
        Unreadable: it passes a limit, doubles a key, holds NaN or is no object.
    """
    if len(body) > MAX_BYTES:
        refuse(f"more than {MAX_BYTES} bytes")
    try:
        found = _DECODER.decode(body.decode())
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise Garbled from None
    except RecursionError:
        refuse("nested too deep")
    if not isinstance(found, dict):
        refuse("no JSON object")
    return found


def plain(value: Any, depth: int = 0) -> JsonValue:
    """Return `value` as JSON that a record can keep: fractions as text, text without lone surrogates."""
    if depth > MAX_DEPTH:
        refuse("nested too deep")
    match value:
        case str():
            return clean(value)
        case Decimal():
            return str(value)
        case dict():
            return {clean(name): plain(inner, depth + 1) for name, inner in value.items()}
        case list():
            return [plain(inner, depth + 1) for inner in value]
        case _:
            return value  # type: ignore[no-any-return]  # None, bool, int


def clean(text: str) -> str:
    """Return `text` with each lone surrogate, which UTF-8 cannot carry, replaced by U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def refuse(why: str) -> Never:
    """Raise Unreadable with a reason that quotes nothing."""
    message = f"the answer is unreadable: {why}"
    raise Unreadable(message)


def _object(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        refuse("a key stands twice")
    return found


def _fraction(digits: str) -> Decimal:
    try:
        return Decimal(_bounded(digits))
    except InvalidOperation:
        refuse("a number beyond all bounds")


def _whole(digits: str) -> int:
    return int(_bounded(digits))


def _bounded(digits: str) -> str:
    if len(digits) > MAX_DIGITS:
        refuse("a number of too many digits")
    return digits


def _no_constant(_: str) -> Never:
    refuse("NaN or Infinity")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_fraction, parse_int=_whole, parse_constant=_no_constant
)
