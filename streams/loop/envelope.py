"""How a value travels: its topic, its key and the CloudEvents attributes in its headers.

Everything here is a function of the value, no clock: a repeat of a message is the same bytes, headers too.
Names and forms: CloudEvents 1.0, Kafka protocol binding, binary content mode.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from streams.codec import encode, topic_of
from streams.domain.audit import AuditEntry, Step
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.event import Event, EventSource
from streams.domain.grant import RefreshAsked, Sealed, VerifierOffered
from streams.domain.identity import digest
from streams.domain.joined import Share
from streams.domain.match import Match, MatchAuthor
from streams.domain.message import Value
from streams.domain.record import Record
from streams.domain.replay import Replay

Headers = list[tuple[str, bytes]]


class _Attributes(NamedTuple):
    id: str
    speaker: Step
    moment: datetime | None = None
    """When the fact came about, where the value says so; else Kafka's own timestamp stands."""
    cause: str = ""
    """Id of the one message that caused this one."""


_SOURCES: Final = {
    EventSource.WEBHOOK: Step.INGRESS,
    EventSource.POLL: Step.POLL,
    EventSource.COMMAND_LINE: Step.COMMAND_LINE,
    EventSource.DELIVER: Step.DELIVER,
    EventSource.MATCH: Step.COMMAND_LINE,
    EventSource.SHARED: Step.DELIVER,
    EventSource.BROUGHT: Step.FETCH,
    EventSource.RECONCILE: Step.COMMAND_LINE,
}

_AUTHORS: Final = {MatchAuthor.DELIVER: Step.DELIVER, MatchAuthor.PERSON: Step.COMMAND_LINE}


def _teller(record: Record) -> Step:
    return Step.TRANSLATE if isinstance(record.snapshot, Share) else Step.FETCH


_OF: Final[dict[type[Value], Callable[[Any], _Attributes]]] = {
    Event: lambda it: _Attributes(it.id, _SOURCES[it.source], it.received_at),
    Record: lambda it: _Attributes(it.id, _teller(it), it.read_at, it.cause),
    Command: lambda it: _Attributes(it.id, Step.TRANSLATE, it.read_at, it.cause),
    AuditEntry: lambda it: _Attributes(it.id, it.step, None, it.cause),
    DeadLetter: lambda it: _Attributes(it.id, it.step),
    Sealed: lambda it: _Attributes(
        digest("grant", it.key, str(it.generation)), Step.KEEP_GRANTS, it.written_at
    ),
    RefreshAsked: lambda it: _Attributes(it.id, Step.FETCH),
    VerifierOffered: lambda it: _Attributes(it.id, Step.INGRESS),
    Replay: lambda it: _Attributes(digest("replay", encode(it).decode()), Step.COMMAND_LINE, it.planned_at),
    Match: lambda it: _Attributes(it.id, _AUTHORS[it.author], it.at),
    Connection: lambda it: _Attributes(digest("connection", encode(it).decode()), Step.COMMAND_LINE),
}

_VERSION: Final = ("ce_specversion", b"1.0")
_JSON: Final = ("content-type", b"application/json")
_KINDS: Final = {
    value: ("ce_type", f"freshforce.{value.model_fields['kind'].default}.v1".encode()) for value in _OF
}
_SPEAKERS: Final = {step: ("ce_source", f"freshforce/{step.value}".encode()) for step in Step}


def address(value: Value) -> tuple[str, bytes | None]:
    """Return the topic and the key under which `value` is kept; a dead letter keeps the key it came with."""
    if type(value) is DeadLetter:
        return topic_of(value).name, value.original_key
    key: str = value.key  # type: ignore[attr-defined]  # every value that has a topic has a key
    return topic_of(value).name, key.encode()


def headers(value: Value) -> Headers:
    """Return the CloudEvents attributes of `value`: the same value always has the same ones."""
    its = _OF[type(value)](value)
    found = [_VERSION, ("ce_id", its.id.encode()), _KINDS[type(value)], _SPEAKERS[its.speaker], _JSON]
    if its.moment is not None:
        found.append(("ce_time", its.moment.astimezone(UTC).isoformat().encode()))
    if its.cause:
        found.append(("causationid", its.cause.encode()))
    return found
