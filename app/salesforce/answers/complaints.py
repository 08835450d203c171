"""What Salesforce complains of, out of an answer's body: JSON, XML, or a page of HTML that says nothing."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import islice
from typing import Any, Final

from app.salesforce.answers.quoting import a_code
from app.salesforce.wire.reading import Unreadable, parsed

MOST: Final = 10
"""How many complaints of one answer or row are read; a person would not read more."""

_XML_READ: Final = 64 * 1024
_PART: Final = re.compile(r"<(errorCode|message|fields)>([^<]*)</")

Complaint = Mapping[str, Any]
"""`{"statusCode" | "errorCode", "message", "fields"}`, as Salesforce worded it."""


def complaints(body: bytes) -> Iterator[Complaint]:
    """Yield the errors that `body` names, as a JSON array, a JSON object or XML; none for HTML."""
    try:
        said = parsed(body)
    except Unreadable:
        yield from _in_xml(body[:_XML_READ].decode(errors="replace"))
        return
    listed = said if isinstance(said, list) else [said]
    yield from islice((it for it in listed if isinstance(it, dict) and code_of(it)), MOST)


def code_of(error: Complaint) -> str:
    """Return the code of one error; rows call it `statusCode`, requests `errorCode`, log-ins `error`."""
    return a_code(error.get("statusCode") or error.get("errorCode") or error.get("error"))


def _in_xml(text: str) -> Iterator[Complaint]:
    for told in text.split("<Error>")[1 : MOST + 1]:
        parts = [(found[1], unescape(found[2])) for found in _PART.finditer(told.partition("</Error>")[0])]
        error: dict[str, Any] = dict(parts)
        if code_of(error):
            yield error | {"fields": [value for name, value in parts if name == "fields"]}
