"""Log-ins at Salesforce as audit entries: each session once, each trouble once until it is over."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from app.registry import Registry
from app.salesforce.api.auth import Session
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.errors import FreshforceError, Transient
from streams.domain.grant import Side
from streams.domain.identity import AuditId, ConnectionName, digest

_log = structlog.get_logger(__name__)

NONCE = 8


@dataclass(slots=True)
class LogInAudit:
    """Fits `app.salesforce.api.auth.Told`; nobody waits for the entry."""

    write: Callable[[AuditEntry], Awaitable[object]]
    begin: Callable[[Coroutine[Any, Any, None]], object]
    """Has the entry written while the caller goes on."""
    run: str
    """Unlike that of any other start: a trouble after a restart is another one, and no repeat."""
    count: Callable[[ConnectionName, str], object] = lambda _connection, _outcome: None
    step: Step = Step.DELIVER
    _last: dict[ConnectionName, str] = field(default_factory=dict)
    """Names the last session, so that a trouble after it is another one than before."""
    _said: dict[ConnectionName, set[AuditId]] = field(default_factory=dict)
    """What was said of the last session and of the troubles since."""

    def __call__(self, connection: ConnectionName, outcome: Session | FreshforceError) -> None:
        """Count a log-in, and write its entry unless the same was said already."""
        if isinstance(outcome, Session):
            self.count(connection, "ok")
            entry = self._session(connection, outcome)
        else:
            self.count(connection, outcome.code)
            entry = self._trouble(connection, outcome)
        said = self._said.setdefault(connection, set())
        if entry.id not in said:
            said.add(entry.id)
            self.begin(self._written(entry))

    def _session(self, connection: ConnectionName, session: Session) -> AuditEntry:
        known = digest("salesforce-session", connection, session.token)
        if self._last.get(connection) != known:
            self._last[connection] = known
            self._said.pop(connection, None)  # another session: its troubles are new ones
        return self._entry(connection, Verdict.LOGGED_IN, known, "Salesforce gave a session")

    def _trouble(self, connection: ConnectionName, why: FreshforceError) -> AuditEntry:
        since = self._last.get(connection, self.run)
        cause = digest("no-salesforce-session", connection, since, why.code)
        return self._entry(connection, Verdict.AUTH_FAILED, cause, str(why))

    async def _written(self, entry: AuditEntry) -> None:
        try:
            await self.write(entry)
        except Transient as away:
            self._said.get(entry.connection, set()).discard(entry.id)
            _log.warning("log-in-not-audited", connection=entry.connection, code=away.code)

    def _entry(self, connection: ConnectionName, verdict: Verdict, cause: str, rule: str) -> AuditEntry:
        return AuditEntry(
            id=audit_id(self.step, verdict, cause),
            connection=connection,
            step=self.step,
            verdict=verdict,
            cause=cause,
            rule=rule,
            details={"side": Side.SALESFORCE.value},
        )


def by_a_person(registry: Registry) -> LogInAudit:
    """Return the audit of log-ins that a command or a page makes."""
    return LogInAudit(registry.write, registry.chores.begin, a_run(registry), step=registry.speaker)


def a_run(registry: Registry) -> str:
    """Return a name for this start of a process, or this command."""
    return registry.random(NONCE).hex()
