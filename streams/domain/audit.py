"""Audit entry: one thing that happened, said once per cause."""

from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from streams.domain.identity import (
    AuditId,
    ClientId,
    ConnectionName,
    ObjectKind,
    client_key,
    digest,
)
from streams.domain.message import Value
from streams.domain.result import Result

CODE_VERSION = "0.1.0"


class Step(StrEnum):
    """Who speaks."""

    INGRESS = "ingress"
    FETCH = "fetch"
    TRANSLATE = "translate"
    DELIVER = "deliver"
    KEEP_GRANTS = "keep-grants"
    POLL = "poll"
    COMMAND_LINE = "command-line"
    DESK = "desk"
    """The pages, wizard and all: a person acts there as at the command line."""


class Verdict(StrEnum):
    """What happened. The second group ends an event; the third is about doors and keys."""

    FETCHED = "fetched"
    TRANSLATED = "translated"
    PARKED = "parked"
    RELEASED = "released"

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    DEAD_LETTER = "dead-letter"
    ERASED = "erased"

    IGNORED = "ignored"
    AUTH_FAILED = "auth-failed"
    SECURITY = "security"
    HANDSHAKE = "handshake"
    LOGGED_IN = "logged-in"
    GRANTED = "granted"
    REFRESHED = "refreshed"
    NEEDS_CONSENT = "needs-consent"
    CONFIGURED = "configured"
    MATCHED = "matched"
    """A person said which Account a client is."""
    DISCARDED = "discarded"
    """A person said that a dead letter needs nothing."""
    EDITED = "edited"
    """A person had a dead letter sent with other values."""
    REPLAYED = "replayed"
    """A person previewed, applied, paused or stopped a replay."""


class AuditEntry(Value):
    """What a step did with one input, and why. Its time is the Kafka timestamp of the entry."""

    kind: Literal["audit"] = "audit"
    id: AuditId
    connection: ConnectionName
    """Empty when the input could not be tied to a connection."""
    client: ClientId | None = None
    step: Step
    verdict: Verdict
    cause: str
    """Id of the message that was handled: an event, a record or a command."""
    caused: tuple[str, ...] = ()
    """Ids of the messages that followed from it."""
    object: ObjectKind | None = None
    object_id: int | None = None
    rule: str = ""
    """The rule that decided, in a person's words."""
    mapping: str = ""
    code_version: str = CODE_VERSION
    result: Result | None = None
    details: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """The client's key where there is a client, else the connection."""
        return self.connection if self.client is None else client_key(self.connection, self.client)


def audit_id(step: Step, verdict: Verdict, cause: str) -> AuditId:
    """Return the id of what `step` says of `cause`: a repeat says it under the same id."""
    return AuditId(digest("audit", step.value, verdict.value, cause))
