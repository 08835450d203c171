"""How many rows wait behind a dead letter: those of its client that wait for nothing else."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.parked import waits
from app.view.tables import ENTRIES
from streams.steps.ends import BEHIND_FAILED

Client = tuple[str, int]
"""Connection and client."""

CLIENTS: Final = 200
"""Clients per question: below SQLite's smallest limit on parameters."""


async def behind(database: AsyncConnection, clients: Iterable[Client]) -> dict[Client, int]:
    """Return how many rows of each client wait; one of which none does is left out.

    Rows are counted, not commands: of each row only the newest state waits.
    """
    asked, found = sorted(set(clients)), dict[Client, int]()
    for start in range(0, len(asked), CLIENTS):
        rows = await database.execute(_waiting(asked[start : start + CLIENTS]))
        found |= {(row.connection, row.client): row.count for row in rows}
    return found


def _waiting(clients: list[Client]) -> Any:
    columns = ENTRIES.c.connection, ENTRIES.c.client
    its_clients = tuple_(*columns).in_(clients)
    parked = waits(its_clients, ENTRIES.c.entry.contains(f'"code":"{BEHIND_FAILED}"'))
    rows = select(*columns, ENTRIES.c.sobject, ENTRIES.c.external_id).where(parked).distinct().subquery()
    its = rows.c.connection, rows.c.client
    return select(*its, func.count().label("count")).group_by(*its)
