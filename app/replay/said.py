"""What the audit says of a person who did something about a replay."""

from datetime import datetime

from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.identity import AuditId, ClientId, ObjectKind, digest
from streams.domain.replay import Replay


def said(replay: Replay, act: str, by: str, at: datetime, speaker: Step = Step.COMMAND_LINE) -> AuditEntry:
    """Return the audit entry of one act: each is an act of its own, in the trace of what it is about."""
    kind, _, number = replay.only.partition(":")
    return AuditEntry(
        id=AuditId(digest("audit", speaker.value, "replay", replay.id, act, at.isoformat())),
        connection=replay.connection,
        client=ClientId(int(number)) if kind == ObjectKind.CLIENT.value else None,
        step=speaker,
        verdict=Verdict.REPLAYED,
        cause=replay.id,
        object=ObjectKind(kind) if kind else None,
        object_id=int(number) if kind else None,
        rule=f"replay {replay.id} was {act}",
        mapping=replay.mapping,
        details={
            "actor": by,
            "act": act,
            "source": replay.source.value,
            "forced": replay.forced,
            "rows": replay.rows,
            "calls": replay.calls,
        },
    )
