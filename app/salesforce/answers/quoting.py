"""What may be quoted of Salesforce's own error texts: names and record ids, never a row's values."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

_FIELDS_IN: Final = (
    re.compile(r"^Required fields are missing: \[([\w., ]+)\]"),
    re.compile(r"^No such column '(\w+)'"),
    re.compile(r"^Unable to create/update fields: ([\w., ]+?)\. "),
    re.compile(r"^duplicate value found: (\w+) duplicates"),
)
_RECORD: Final = re.compile(r"\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")
_NAME: Final = re.compile(r"[A-Za-z][\w.]{0,79}")
_MOST_NAMES: Final = 20
_LONGEST: Final = re.compile(r"\(max length=(\d+)\)$")


def a_code(said: Any) -> str:
    """Return an error code; nothing where what stands in its place is none."""
    return said if isinstance(said, str) and _NAME.fullmatch(said) else ""


def names(said: Any) -> tuple[str, ...]:
    """Return the field names of a list; what is no name is none of ours to repeat."""
    listed = said[:_MOST_NAMES] if isinstance(said, list) else ()
    return tuple(name for name in listed if isinstance(name, str) and _NAME.fullmatch(name))


def fields_in(message: str) -> tuple[str, ...]:
    """Return the field names that Salesforce put into its text instead of into `fields`."""
    found = next((match for pattern in _FIELDS_IN if (match := pattern.search(message))), None)
    return names([name.strip() for name in found[1].split(",")]) if found else ()


def quotable(code: str, message: str, error: Mapping[str, Any]) -> str:
    """Return the part of an error that helps a person and holds no value of the row.

    A validation rule's text was typed by the org's admin and cannot contain values.
    """
    match code:
        case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            return message[:255]
        case "STRING_TOO_LONG":
            return "".join(f"at most {length} characters" for length in _LONGEST.findall(message))
        case "DUPLICATE_VALUE":
            return " ".join(_RECORD.findall(message.partition("with id:")[2])[:1])
        case "DUPLICATES_DETECTED":
            return _duplicates(error.get("duplicateResult"))
        case _:
            return ""


def _duplicates(result: Any) -> str:
    """Name the duplicate rule and the records that it hit."""
    if not isinstance(result, dict):
        return ""
    rule = result.get("duplicateRule")
    hits = islice(_ids(result.get("matchResults")), _MOST_HITS)
    return " ".join([*names([rule]), *dict.fromkeys(hits)])


_MOST_HITS: Final = 5


def _ids(found: Any) -> Iterable[str]:
    if isinstance(found, dict):
        if isinstance(found.get("Id"), str) and _RECORD.fullmatch(found["Id"]):
            yield found["Id"]
        found = list(found.values())
    if isinstance(found, list):
        for part in found:
            yield from _ids(part)


_PARENT: Final = re.compile(r"^Foreign key external ID: (.{1,255}) not found for field")


def parent_in(error: Mapping[str, Any]) -> str:
    """Return the external id of the parent that an error misses; nothing where it says none."""
    found = _PARENT.match(str(error.get("message") or "")[:1000])
    return found[1] if found else ""
