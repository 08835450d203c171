"""What the audit says of a client: which events were heard, how Salesforce answered, how commands ended."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from app.replay.incident.told import Answered, Heard
from streams.domain.audit import Step, Verdict
from streams.domain.event import EventSource
from streams.domain.identity import EventId, ObjectKind
from streams.steps import ends
from streams.steps.ends import DISCARDED, HELD

Entries = Sequence[Mapping[str, Any]]
"""Audit entries as JSON, in the order of the log."""

_ENDS: Final = frozenset({"applied", "unchanged", "superseded", "parked", "dead-letter"})


def answers_of(entries: Entries) -> dict[str, list[Answered]]:
    """Return what Salesforce said of each command, in order; what was decided without it is no answer."""
    found: dict[str, list[Answered]] = {}
    for entry in _delivered(entries):
        answer = _answer(entry)
        if answer is not None:
            found.setdefault(entry["result"]["command"], []).append(answer)
    return found


def endings(entries: Entries) -> dict[str, str]:
    """Return the last verdict on each command."""
    return {entry["result"]["command"]: entry["verdict"] for entry in _delivered(entries)}


def derived(entries: Entries) -> set[str]:
    """Return the commands that translate told of, and what it had other clients hear."""
    return {
        command
        for entry in entries
        if entry["step"] == Step.TRANSLATE and entry["verdict"] == Verdict.TRANSLATED
        for command in entry["caused"]
    }


def heard(entries: Entries) -> Iterator[Heard]:
    """Yield the events that fetch asked FreshBooks for, without the bytes of their webhooks."""
    for entry in entries:
        if entry["step"] == Step.FETCH and entry.get("object"):
            details = entry.get("details") or {}
            source, at = details.get("source"), details.get("received_at")
            yield Heard(
                id=EventId(entry["cause"]),
                object=ObjectKind(entry["object"]),
                object_id=entry["object_id"],
                source=EventSource(source) if source else None,
                received_at=datetime.fromisoformat(at) if at else None,
            )


def _delivered(entries: Entries) -> Iterator[Mapping[str, Any]]:
    for entry in entries:
        if entry["step"] == Step.DELIVER and entry["verdict"] in _ENDS and entry.get("result"):
            yield entry


def _answer(entry: Mapping[str, Any]) -> Answered | None:
    result = entry["result"]
    who, code = result.get("salesforce_id") or "", result.get("code", "")
    match entry["verdict"]:
        case "applied":
            return Answered(outcome="applied", salesforce_id=who, created=bool(result.get("created")))
        case "dead-letter":
            return Answered(outcome="refused", code=code)
        case "superseded" if entry.get("rule") == DISCARDED:
            return Answered(outcome="discarded")
        case "unchanged" if not who and entry.get("rule") != HELD:
            return Answered(outcome="absent")
        case "parked":
            return _waits(code, tuple(result.get("fields") or ()))
    return None


def _waits(code: str, fields: tuple[str, ...]) -> Answered | None:
    """Return the answer for which a command waits; None when it waits for another command."""
    match code:
        case "" | ends.BEHIND_FAILED:
            return None
        case ends.UNDECIDED:
            return Answered(outcome="undecided")
        case ends.NO_ACCOUNT.code:
            return Answered(outcome="absent")
    return Answered(outcome="parent-missing", code=code, fields=fields)
