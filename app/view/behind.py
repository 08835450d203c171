"""How many rows wait behind a dead letter: those of its client that were parked and have no end yet."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.flow import ENDS
from app.view.tables import ENTRIES
from streams.domain.audit import Step, Verdict

Client = tuple[str, int]
"""Connection and client."""

_CHUNK: Final = 200
"""Clients per question: below SQLite's smallest limit on parameters."""


async def behind(database: AsyncConnection, clients: Iterable[Client]) -> dict[Client, int]:
    """Return how many rows of each client wait; one of which none does is left out.

    Rows are counted, not commands: of each row only the newest state waits.
    """
    asked, found = sorted(set(clients)), dict[Client, int]()
    for start in range(0, len(asked), _CHUNK):
        rows = await database.execute(_waiting(asked[start : start + _CHUNK]))
        found |= {(row.connection, row.client): row.count for row in rows}
    return found


def _waiting(clients: list[Client]) -> Any:
    later = ENTRIES.alias("later")
    ended = select(later.c.id).where(later.c.cause == ENTRIES.c.cause, later.c.verdict.in_(ENDS)).exists()
    parked = and_(
        ENTRIES.c.verdict == Verdict.PARKED.value,
        ENTRIES.c.step == Step.DELIVER.value,
        tuple_(ENTRIES.c.connection, ENTRIES.c.client).in_(clients),
        ~ended,
    )
    columns = ENTRIES.c.connection, ENTRIES.c.client
    rows = select(*columns, ENTRIES.c.sobject, ENTRIES.c.external_id).where(parked).distinct().subquery()
    its = rows.c.connection, rows.c.client
    return select(*its, func.count().label("count")).group_by(*its)
