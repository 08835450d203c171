"""The JSON Schema of each kind of message, from its model, with all that the model demands.

Known difference: a model refuses 1.0 where a whole number stands, JSON Schema calls it whole.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.event import Event
from streams.domain.grant import GrantRequest, Sealed
from streams.domain.match import Match
from streams.domain.record import Record
from streams.domain.replay import Replay
from streams.domain.result import Result

Json = dict[str, Any]

WORDS: Final[Mapping[str, Any]] = {
    "event": Event,
    "record": Record,
    "command": Command,
    "result": Result,
    "audit": AuditEntry,
    "dead-letter": DeadLetter,
    "grant": Sealed,
    "grant-request": GrantRequest,
    "connection": Connection,
    "replay": Replay,
    "match": Match,
}
"""Name of a kind of message → its type."""

_FORMATS: Final = {
    "date-time": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$".replace(
        r"\d", "[0-9]"
    ),
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "base64url": r"^[A-Za-z0-9_-]*={0,2}$",
}
"""Formats are remarks to most validators; a pattern binds."""
_OURS: Final = ("max_digits", "title", "discriminator")
"""Keys that are pydantic's, repeat the name, or belong to OpenAPI: no words of JSON Schema."""


def adapter(name: str) -> TypeAdapter[Any]:
    """Return what reads and checks messages of that kind."""
    return TypeAdapter(WORDS[name])


def schema(name: str) -> Json:
    """Return the JSON Schema (2020-12) of that kind of message."""
    made: Json = _bound(adapter(name).json_schema(mode="validation"))
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:freshforce:{name}:v1", "title": name}
    return head | made


def _bound(node: Any) -> Any:
    """Say in JSON Schema's words what pydantic leaves to the model."""
    if isinstance(node, list):
        return [_bound(each) for each in node]
    if not isinstance(node, dict):
        return node
    bound = {key: _bound(value) for key, value in node.items() if not _is_noise(key, value)}
    if bound.get("format") in _FORMATS:
        bound.setdefault("pattern", _FORMATS[bound["format"]])
    if "const" in bound.get("properties", {}).get("kind", {}):
        bound["required"] = ["kind", *(each for each in bound.get("required", ()) if each != "kind")]
    return bound


def _is_noise(key: str, value: Any) -> bool:
    """Tell whether a key says nothing; a property may bear the same name, but is an object then."""
    return key in _OURS and not (key != "discriminator" and isinstance(value, dict))
