"""Latency over a chosen time: every row that was written then, not only the newest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.latency import Walk, joined
from app.view.period import Period
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict

EARLIER: Final = timedelta(days=1)
"""How long before the period the news of a row may have come; older news is a replay's."""

BOUNDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""Upper ends of the histogram's bars, in seconds; one more bar has no end."""


@dataclass(frozen=True, slots=True)
class Walked:
    """The walks of a period's rows, and how many rows are not among them."""

    walks: Sequence[Walk]
    waited: int
    """Rows that waited for an Account or a person: their time is not ours."""
    others: int
    """Rows whose news came another way, or so long before that a replay wrote them."""


async def walked(store: Store, connection: str, period: Period, source: str) -> Walked:
    """Return the walks of the rows applied in `period` whose news came by `source`; empty means any way."""
    before = Period(period.since - EARLIER, period.until)
    applied = await _of(store, connection, period, Step.DELIVER, Verdict.APPLIED)
    parked = {row.cause for row in await _of(store, connection, before, Step.DELIVER, Verdict.PARKED)}
    straight = [row for row in applied if row.cause not in parked]
    fetched = await _of(store, connection, before, Step.FETCH, Verdict.FETCHED)
    translated = await _of(store, connection, before, Step.TRANSLATE, Verdict.TRANSLATED)
    found = joined(straight, translated, [row for row in fetched if not source or _source(row) == source])
    return Walked(found, len(applied) - len(straight), len(straight) - len(found))


def bars(found: Iterable[Walk]) -> list[tuple[float | None, int]]:
    """Return how many rows took at most so many seconds, but more than the bar before; None has no end."""
    counts = Counter(_bound((walk.applied - walk.received) / 1000) for walk in found)
    return [(bound, counts[bound]) for bound in (*BOUNDS, None)]


def _bound(seconds: float) -> float | None:
    return next((bound for bound in BOUNDS if seconds <= bound), None)


def _source(row: Any) -> str:
    return str((orjson.loads(row.entry).get("details") or {}).get("source", ""))


async def _of(store: Store, connection: str, period: Period, step: Step, verdict: Verdict) -> Sequence[Any]:
    """Return what a step said, newest first: of two that brought one row, the earlier news counts."""
    asked = select(ENTRIES.c.at, ENTRIES.c.cause, ENTRIES.c.entry).where(
        period.rows,
        ENTRIES.c.connection == connection,
        ENTRIES.c.step == step.value,
        ENTRIES.c.verdict == verdict.value,
    )
    async with store.reading() as database:
        return (await database.execute(asked.order_by(ENTRIES.c.at.desc()))).all()
