"""Log-ins at Salesforce as audit entries: each session once, each trouble once until it is over."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from app.salesforce.auth import Session
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.errors import FreshforceError, Transient
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName, digest

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class LogInAudit:
    """Fits `app.salesforce.auth.Told`; nobody waits for the entry."""

    write: Callable[[AuditEntry], Awaitable[object]]
    count: Callable[[ConnectionName, str], object] = lambda _connection, _outcome: None
    _last: dict[ConnectionName, str] = field(default_factory=dict)
    """Names the last session, so that a trouble after it is another one than before."""
    _said: set[str] = field(default_factory=set)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def __call__(self, connection: ConnectionName, outcome: Session | FreshforceError) -> None:
        """Count a log-in, and write its entry unless the same was said already."""
        if isinstance(outcome, Session):
            self.count(connection, "ok")
            self._last[connection] = digest("salesforce-session", connection, outcome.token)
            entry = _entry(connection, Verdict.LOGGED_IN, self._last[connection], "Salesforce gave a session")
        else:
            self.count(connection, outcome.code)
            cause = digest("no-salesforce-session", connection, self._last.get(connection, ""), outcome.code)
            entry = _entry(connection, Verdict.AUTH_FAILED, cause, str(outcome))
        if entry.id not in self._said:
            self._said.add(entry.id)
            task = asyncio.ensure_future(self._written(entry))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _written(self, entry: AuditEntry) -> None:
        try:
            await self.write(entry)
        except Transient as away:
            self._said.discard(entry.id)
            _log.warning("log-in-not-audited", connection=entry.connection, code=away.code)


def _entry(connection: ConnectionName, verdict: Verdict, cause: str, rule: str) -> AuditEntry:
    return AuditEntry(
        id=audit_id(Step.DELIVER, verdict, cause),
        connection=connection,
        step=Step.DELIVER,
        verdict=verdict,
        cause=cause,
        rule=rule,
        details={"side": Side.SALESFORCE.value},
    )
