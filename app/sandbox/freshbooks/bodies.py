"""Reading what was written to FreshBooks: unknown fields are dropped without a word, as FreshBooks does."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import Texts

Body = Mapping[str, Any]


def merged(texts: Texts, body: Body, blank: Texts) -> Texts:
    """Return `texts` with the plain fields of `body`; what is blank is not kept."""
    after = {**texts, **{key: value for key, value in body.items() if key in blank}}
    return {key: value for key, value in after.items() if value != blank[key]}


def required(body: Body, noun: str, field: str) -> Any:
    """Return a field that must be there. Raises: Refusal(1001)."""
    if body.get(field) is None or body[field] == "":
        raise invalid(Errno.REQUIRED_FIELD, noun, field, "", f"{field} is required.")
    return body[field]


def day(value: Any, noun: str, field: str) -> date:
    """Return a `YYYY-MM-DD`. Raises: Refusal(1033)."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise invalid(Errno.MAPPING_DATE, noun, field, value, f"{field} must be a date.") from None


def whole(value: Any, noun: str, field: str) -> int:
    """Return an id or a count, written as a number or as digits. Raises: Refusal(1015)."""
    if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
        raise invalid(Errno.MAPPING_NUMBER, noun, field, value, f"{field} must be a number.")
    return int(value)
