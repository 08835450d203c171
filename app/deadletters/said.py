"""What the audit says of a person who did something about a dead letter."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from app.view.letters import Letter
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.identity import AuditId, ConnectionName, ObjectKind, digest


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, when, and why."""

    at: datetime
    actor: str = ""
    reason: str = ""
    step: Step = Step.COMMAND_LINE
    """Where: a page is the desk's."""


def said(
    told: Letter, verdict: Verdict, by: By, *, caused: tuple[str, ...] = (), **details: JsonValue
) -> AuditEntry:
    """Return the audit entry of one act upon one letter: each is an act of its own."""
    entry = told.entry
    kind = entry.get("object")
    return AuditEntry(
        id=AuditId(digest("audit", by.step.value, verdict.value, told.id, by.at.isoformat())),
        connection=ConnectionName(told.connection),
        client=entry.get("client"),
        step=by.step,
        verdict=verdict,
        cause=told.id,
        caused=caused,
        object=None if kind is None else ObjectKind(kind),
        object_id=entry.get("object_id"),
        rule=by.reason or "a person had the dead letter tried again",
        details={
            "code": told.code,
            "topic": told.place.topic,
            "step": told.step,
            "actor": by.actor,
            **details,
        },
    )
