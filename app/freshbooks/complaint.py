"""What FreshBooks complained of, whichever of its five error shapes it used (facts, section 5).

FreshBooks' own sentences and the refused values stay behind: they may quote a customer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.freshbooks.wire.document import Document

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.\[\]]{0,59}", re.ASCII)
_SCOPE: Final = re.compile(r"user:[a-z_]+:(?:read|write)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error in our words: names and numbers only."""

    errno: int | None = None
    error: str = ""
    """OAuth's error name, such as `invalid_grant`."""
    about: str = ""
    """The kind of object FreshBooks names."""
    fields: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    """Scopes that the message names: those given and those needed."""


def complaint(found: Document) -> Complaint | None:  # noqa: PLR0911 - one table of shapes
    """Return what `found` complains of, or None when it is an answer and no error."""
    match found:
        case {"response": {"errors": list(errors)}}:
            return _accounting(errors)
        case {"response": {"errors": dict(error)}}:
            return _accounting([error])
        case {"code": int(), "message": message, **rest}:
            return _google(message, rest.get("details"))
        case {"errno": int(errno), **rest}:
            return Complaint(errno, fields=_named_first(rest), scopes=_scopes(rest))
        case {"error": str(error), **rest}:
            return Complaint(error=_plain(error), scopes=_scopes([error, rest]))
        case {"error_type": str(error)}:
            return Complaint(error=_plain(error))
        case {"message": str(message)} if "response" not in found:
            return Complaint(scopes=_scopes(message))
        case _:
            return None


def _accounting(errors: list[Any]) -> Complaint:
    known = [error for error in errors if isinstance(error, dict)]
    first = known[0] if known else {}
    return Complaint(
        errno=_number(first.get("errno")),
        about=_plain(first.get("object")),
        fields=_names(error.get("field") for error in known),
        scopes=_scopes([error.get("message") for error in known]),
    )


def _google(message: Any, details: Any) -> Complaint:
    known = [d for d in details if isinstance(d, dict)] if isinstance(details, list) else []
    about = known[0].get("metadata") if known else None
    about = about if isinstance(about, dict) else {}
    violations = [v for d in known for v in d.get("fieldViolations") or () if isinstance(v, dict)]
    return Complaint(
        errno=_number(known[0].get("reason")) if known else None,
        about=_plain(about.get("object")),
        fields=_names([about.get("field"), *(v.get("field") for v in violations)]),
        scopes=_scopes([message, details]),
    )


def _named_first(rest: Document) -> tuple[str, ...]:
    """Take the field names of `"details": ["event: Value error, …"]` and of `"error": {"field": "…"}`."""
    match rest:
        case {"details": list(details)}:
            return _names(d.partition(":")[0] for d in details if isinstance(d, str) and ":" in d)
        case {"error": dict(error)}:
            return _names(error)
        case _:
            return ()


def _names(found: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(_plain, found) if name))


def _plain(name: Any) -> str:
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def _number(text: Any) -> int | None:
    return int(text) if str(text).isascii() and str(text).isdecimal() and len(str(text)) < 10 else None  # noqa: PLR2004


def _scopes(found: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_each_scope(found)))


def _each_scope(found: Any) -> Iterator[str]:
    match found:
        case str():
            yield from _SCOPE.findall(found)
        case list():
            for inner in found:
                yield from _each_scope(inner)
        case dict():
            for inner in found.values():
                yield from _each_scope(inner)
        case _:
            return
