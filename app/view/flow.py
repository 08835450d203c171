"""What flows: entries by minute, and rows that wait. Bounded questions, whatever the table holds."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, func, select

from app.view.parked import waits
from app.view.store import Store
from app.view.tables import ENTRIES

MINUTE: Final = 60_000
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a step said one thing for a connection within one minute."""

    connection: str
    minute: int
    """Minutes since 1970."""
    step: str
    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that waits for its parent."""

    at: datetime
    connection: str
    client: int | None
    sobject: str
    external_id: str
    why: str


async def counted(store: Store, since: datetime) -> list[Counted]:
    """Return the counts of every minute since `since`, answered by an index alone."""
    minute = (ENTRIES.c.at // MINUTE).label("minute")
    columns = ENTRIES.c.connection, minute, ENTRIES.c.step, ENTRIES.c.verdict
    asked = select(*columns, func.count().label("count")).where(ENTRIES.c.at >= _milliseconds(since))
    async with store.reading() as database:
        return [Counted(*row) for row in await database.execute(asked.group_by(*columns))]


async def waiting(store: Store, since: datetime, most: int) -> list[Waiting]:
    """Return the newest rows, at most so many, that were parked since `since` and have no end yet."""
    asked = select(ENTRIES).where(waits(ENTRIES.c.at >= _milliseconds(since)))
    async with store.reading() as database:
        rows = await database.execute(asked.order_by(ENTRIES.c.at.desc()).limit(most))
        return [_waiting(row) for row in rows]


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        at=datetime.fromtimestamp(row.at / 1000, tz=UTC),
        connection=row.connection,
        client=row.client,
        sobject=row.sobject or "",
        external_id=row.external_id or "",
        why=str(orjson.loads(row.entry).get("rule") or ""),
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
