"""How long rows take, step by step: from the arrival of the news to Salesforce's answer.

Where FreshBooks' change itself is concerned, the audit knows only when we heard of it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import select

from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict

SAMPLE: Final = 400
"""Rows that are looked at: the newest."""
BEFORE: Final = timedelta(minutes=10)
"""How long before the oldest of them its causes are looked for."""
MOST: Final = 4_000
"""Entries of each earlier step that are read."""


@dataclass(frozen=True, slots=True)
class Walk:
    """When one row's news arrived, and when each step was done with it (milliseconds since 1970)."""

    received: float
    fetched: float
    translated: float
    applied: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds that half, nineteen of twenty, ninety-nine of a hundred, and all rows took at most."""

    name: str
    p50: float
    p95: float
    p99: float
    longest: float


async def walks(store: Store, since: datetime) -> list[Walk]:
    """Return the walks of the newest rows that were applied since `since`."""
    start = int(since.timestamp() * 1000)
    applied = await _of(store, Step.DELIVER, Verdict.APPLIED, start, SAMPLE)
    if not applied:
        return []
    earlier = min(row.at for row in applied) - int(BEFORE.total_seconds() * 1000)
    translated = await _of(store, Step.TRANSLATE, Verdict.TRANSLATED, earlier, MOST)
    fetched = await _of(store, Step.FETCH, Verdict.FETCHED, earlier, MOST)
    return joined(applied, translated, fetched)


def joined(applied: Iterable[Any], translated: Iterable[Any], fetched: Iterable[Any]) -> list[Walk]:
    """Return the walks of `applied` rows whose causes are among the others."""
    commands = {id_: row for row in translated for id_ in orjson.loads(row.entry)["caused"]}
    records = {id_: row for row in fetched for id_ in orjson.loads(row.entry)["caused"]}
    found = []
    for row in applied:
        command = commands.get(row.cause)
        record = records.get(command.cause) if command is not None else None
        received = _received(record)
        if command is not None and record is not None and received is not None:
            found.append(Walk(received, record.at, command.at, row.at))
    return found


def spreads(found: Sequence[Walk]) -> list[Spread]:
    """Return how long each step took, and all of them together; nothing where nothing was applied."""
    if not found:
        return []
    return [
        _spread("FreshBooks read", [walk.fetched - walk.received for walk in found]),
        _spread("rows derived", [walk.translated - walk.fetched for walk in found]),
        _spread("Salesforce answered", [walk.applied - walk.translated for walk in found]),
        _spread("all together", [walk.applied - walk.received for walk in found]),
    ]


def _spread(name: str, took: Iterable[float]) -> Spread:
    """Clocks of several machines may differ by some milliseconds: less than nothing is nothing."""
    ordered = sorted(max(0.0, each) / 1000 for each in took)
    return Spread(name, *(_rank(ordered, share) for share in (0.5, 0.95, 0.99, 1)))


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _received(row: Any) -> float | None:
    if row is None:
        return None
    said = orjson.loads(row.entry)["details"].get("received_at")
    return datetime.fromisoformat(said).timestamp() * 1000 if isinstance(said, str) else None


async def _of(store: Store, step: Step, verdict: Verdict, since: int, most: int) -> Sequence[Any]:
    asked = (
        select(ENTRIES.c.at, ENTRIES.c.cause, ENTRIES.c.entry)
        .where(ENTRIES.c.at >= since, ENTRIES.c.step == step.value, ENTRIES.c.verdict == verdict.value)
        .order_by(ENTRIES.c.at.desc())
        .limit(most)
    )
    async with store.reading() as database:
        return (await database.execute(asked)).all()
