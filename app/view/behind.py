"""How many rows of a client wait: behind a dead letter those that wait for nothing else, or all."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.parked import waits
from app.view.tables import ENTRIES
from streams.steps.ends import BEHIND_FAILED

Client = tuple[str, int]
"""Connection and client."""

CLIENTS: Final = 200
"""Clients per question: below SQLite's smallest limit on parameters."""


async def behind(database: AsyncConnection, clients: Iterable[Client]) -> dict[Client, int]:
    """Return how many rows of each client wait behind a failed one, as `waiting` counts them."""
    return await waiting(database, clients, ENTRIES.c.entry.contains(f'"code":"{BEHIND_FAILED}"'))


async def waiting(
    database: AsyncConnection, clients: Iterable[Client], *also: ColumnElement[bool]
) -> dict[Client, int]:
    """Return how many rows of each client wait, for whatever; one of which none does is left out.

    Rows are counted, not commands: of each row only the newest state waits.
    """
    asked, found = sorted(set(clients)), dict[Client, int]()
    for start in range(0, len(asked), CLIENTS):
        rows = await database.execute(_waiting(asked[start : start + CLIENTS], *also))
        found |= {(row.connection, row.client): row.count for row in rows}
    return found


def _waiting(clients: list[Client], *also: ColumnElement[bool]) -> Any:
    columns = ENTRIES.c.connection, ENTRIES.c.client
    parked = waits(tuple_(*columns).in_(clients), *also)
    rows = select(*columns, ENTRIES.c.sobject, ENTRIES.c.external_id).where(parked).distinct().subquery()
    its = rows.c.connection, rows.c.client
    return select(*its, func.count().label("count")).group_by(*its)
