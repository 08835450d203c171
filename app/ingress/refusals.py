"""Refusals in the audit: the first of a kind one by one, a flood as a number, so nobody can fill the log."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from app.ingress.callbacks import Callback
from app.ingress.judge import Refused
from app.ingress.pages import DENIED, LATE, MANY, OVER, UNKNOWN, Page
from app.ingress.rate import REFUSALS, Buckets
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName, digest

_CONSENTS: Final = {
    UNKNOWN: (Verdict.SECURITY, "a consent came back with a state that was not given out, or without a code"),
    OVER: (Verdict.IGNORED, "a consent came back that was answered before, or asked for anew since"),
    LATE: (Verdict.AUTH_FAILED, "a consent came back after more than an hour"),
    DENIED: (Verdict.AUTH_FAILED, "the owner said no at FreshBooks"),
}
_CROWD: Final = "too many consents came back at once"


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

    def consent(self, page: Page, claimed: ConnectionName, cause: str, now: float) -> AuditEntry | None:
        """Return the entry for a consent that came to nothing, or None as `said`; other pages need none."""
        if page is MANY:
            self._unsaid[_Sort(ConnectionName(""), "", Verdict.REJECTED, _CROWD)] += 1
        if page not in _CONSENTS:
            return None
        verdict, rule = _CONSENTS[page]
        # of a strange state nobody knows whether the connection that it names has to do with it
        sort = _Sort(ConnectionName("") if page is UNKNOWN else claimed, "", verdict, rule)
        if self._buckets.take(f"consents:{rule}", now):
            return _entry(sort, cause, {"answered": page.status})
        self._unsaid[sort] += 1
        return None

    def count(self, callback: Callback | None, rule: str) -> None:
        """Count what was turned away before it was looked into; without a callback it was for nobody."""
        where = (ConnectionName(""), "") if callback is None else (callback.connection, callback.path)
        self._unsaid[_Sort(*where, Verdict.REJECTED, rule)] += 1

    def summed_up(self, moment: str) -> Iterator[AuditEntry]:
        """Yield one entry per sort for all that was not said until `moment`, and forget them."""
        unsaid, self._unsaid = self._unsaid, Counter()
        for sort, times in unsaid.items():
            cause = digest("refusals", sort.connection, sort.path, sort.verdict, sort.rule, moment)
            yield _entry(sort, cause, {"further_refusals": times})


def _entry(sort: _Sort, cause: str, details: dict[str, int]) -> AuditEntry:
    return AuditEntry(
        id=audit_id(Step.INGRESS, sort.verdict, cause),
        connection=sort.connection,
        step=Step.INGRESS,
        verdict=sort.verdict,
        cause=cause,
        rule=sort.rule,
        details={"callback": sort.path, **details} if sort.path else {**details},
    )
