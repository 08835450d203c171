"""Reading what was written to FreshBooks: unknown fields are dropped without a word, as FreshBooks does."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.sandbox.freshbooks.moments import plain_day
from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import Texts

Body = Mapping[str, Any]
MOST_DIGITS = 18


def merged(texts: Texts, body: Body, blank: Texts) -> Texts:
    """Return `texts` with the plain fields of `body`; what is blank is not kept.

    Raises: Refusal(1006) for what is no plain value.
    """
    after = {**texts, **{key: plain(key, value, blank[key]) for key, value in body.items() if key in blank}}
    return {key: value for key, value in after.items() if value != blank[key]}


def required(body: Body, noun: str, field: str) -> Any:
    """Return a field that must be there. Raises: Refusal(1001)."""
    if body.get(field) is None or body[field] == "":
        raise invalid(Errno.REQUIRED_FIELD, noun, field, "", f"{field} is required.")
    return body[field]


def day(value: Any, noun: str, field: str) -> date:
    """Return a `YYYY-MM-DD`. Raises: Refusal(1033)."""
    try:
        return plain_day(value)
    except (TypeError, ValueError):
        raise invalid(Errno.MAPPING_DATE, noun, field, value, f"{field} must be a date.") from None


def whole(value: Any, noun: str, field: str) -> int:
    """Return an id or a count, written as a number or as digits. Raises: Refusal(1015)."""
    text = str(value)
    found = digits(text.removeprefix("-"))
    if isinstance(value, bool) or found is None:
        raise invalid(Errno.MAPPING_NUMBER, noun, field, value, f"{field} must be a number.")
    return -found if text.startswith("-") else found


def digits(text: str) -> int | None:
    """Return what is written in digits, None for anything else and for more than any id has."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def plain(field: str, value: Any, blank: Any) -> Any:
    """Return a value as its field keeps it: null is blank, a number is a text. Raises: Refusal(1006)."""
    if isinstance(value, dict | list):
        raise invalid(Errno.MAPPING, "", field, "", f"{field} must be a plain value.")
    if value is None:
        return blank
    return value if isinstance(value, bool) and not isinstance(blank, str) else str(value)
