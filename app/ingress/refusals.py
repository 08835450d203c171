"""Refusals in the audit: the first of a kind one by one, a flood as a number, so nobody can fill the log."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.ingress.callbacks import Callback
from app.ingress.judge import Refused
from app.ingress.rate import REFUSALS, Buckets
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName, digest


@dataclass(frozen=True, slots=True)
class _Sort:
    """Refusals that count as the same."""

    connection: ConnectionName
    path: str
    verdict: Verdict
    rule: str


@dataclass(slots=True)
class Refusals:
    """Says what is worth an audit entry, and remembers what was not said."""

    _buckets: Buckets = field(default_factory=lambda: Buckets(REFUSALS))
    _unsaid: Counter[_Sort] = field(default_factory=Counter)

    def said(self, callback: Callback, refused: Refused, cause: str, now: float) -> AuditEntry | None:
        """Return the entry for one refusal, or None when there were too many of its sort: it is counted."""
        sort = _Sort(callback.connection, callback.path, refused.verdict, refused.rule)
        if self._buckets.take(f"{sort.path}:{sort.verdict}", now):
            return _entry(sort, cause, {"answered": refused.status})
        self._unsaid[sort] += 1
        return None

    def summed_up(self, moment: str) -> Iterator[AuditEntry]:
        """Yield one entry per sort for all that was not said until `moment`, and forget them."""
        unsaid, self._unsaid = self._unsaid, Counter()
        for sort, times in unsaid.items():
            cause = digest("refusals", sort.path, sort.verdict, sort.rule, moment)
            yield _entry(sort, cause, {"further_refusals": times})


def _entry(sort: _Sort, cause: str, details: dict[str, int]) -> AuditEntry:
    return AuditEntry(
        id=audit_id(Step.INGRESS, sort.verdict, cause),
        connection=sort.connection,
        step=Step.INGRESS,
        verdict=sort.verdict,
        cause=cause,
        rule=sort.rule,
        details={"callback": sort.path, **details},
    )
