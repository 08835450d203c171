"""Rows of the view: a small morning in which a row went through, one waits, and messages failed."""

from datetime import datetime, timedelta
from typing import Any

from app.view.rows import row
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import SObject
from streams.domain.identity import ClientId, CommandId, ConnectionName, ObjectKind
from streams.domain.result import Outcome, Result

ACME = ConnectionName("acme")
CLIENT = ClientId(7)
HOSTILE = "<script>alert('x')</script>"
"""Where a vendor's words are shown, they are shown as words."""


def an_entry(step: Step, verdict: Verdict, cause: str, **more: Any) -> AuditEntry:
    """An entry about client 7 of acme."""
    told: dict[str, Any] = {
        "connection": ACME,
        "client": CLIENT,
        "step": step,
        "verdict": verdict,
        "cause": cause,
    }
    return AuditEntry(id=audit_id(step, verdict, cause), **told | more)


def a_letter(cause: str, code: str, place: int) -> AuditEntry:
    """A message that failed at deliver."""
    details = {
        "reason": f"refused: {HOSTILE}",
        "mend": f"mend {HOSTILE}",
        "place": f"freshforce.commands/0/{place}",
    }
    return an_entry(
        Step.DELIVER, Verdict.DEAD_LETTER, cause, caused=(f"letter-{cause}",), rule=code, details=details
    )


def a_row(cause: str, outcome: Outcome, verdict: Verdict) -> AuditEntry:
    """What became of a command."""
    result = Result(
        command=CommandId(cause), outcome=outcome, sobject=SObject.OPPORTUNITY, external_id="a1:31", version=1
    )
    return an_entry(Step.DELIVER, verdict, cause, result=result, rule="Salesforce does not have the row")


def stored(entries: list[AuditEntry], at: datetime, offset: int = 0) -> list[dict[str, Any]]:
    """The rows of `entries`, a tenth of a second apart, the first at `at`."""
    moments = [int((at + timedelta(milliseconds=100 * n)).timestamp() * 1000) for n in range(len(entries))]
    return [
        row(0, offset + n, moment, encode(entry))
        for n, (moment, entry) in enumerate(zip(moments, entries, strict=True))
    ]


def a_morning(now: datetime) -> list[dict[str, Any]]:
    """Invoice 31 went through in three steps; a row waits; two messages failed of one cause."""
    at = now - timedelta(minutes=5)
    heard = {"received_at": (at - timedelta(milliseconds=250)).isoformat(), "source": "webhook"}
    return stored(
        [
            an_entry(
                Step.FETCH,
                Verdict.FETCHED,
                "e1",
                caused=("r1",),
                object=ObjectKind.INVOICE,
                object_id=31,
                details=heard,
            ),
            an_entry(
                Step.TRANSLATE,
                Verdict.TRANSLATED,
                "r1",
                caused=("c1",),
                object=ObjectKind.INVOICE,
                object_id=31,
            ),
            a_row("c1", Outcome.APPLIED, Verdict.APPLIED),
            a_row("c2", Outcome.PARKED, Verdict.PARKED),
            a_letter("c3", "STRING_TOO_LONG", 3),
            a_letter("c4", "STRING_TOO_LONG", 4),
        ],
        at,
    )
