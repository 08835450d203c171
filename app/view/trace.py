"""Trace: everything that ever happened to one FreshBooks object, from webhook bytes to Salesforce id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step

_CHUNK: Final = 500
"""Ids per IN list: below SQLite's smallest limit on parameters."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One audit entry with the time Kafka gave it."""

    at: datetime
    partition: int
    offset: int
    entry: dict[str, Any]


async def trace(store: Store, connection: str, kind: str, object_id: int) -> list[Happening]:
    """Return what happened to the object, oldest first: its own entries, what led to them, what followed.

    A payment brings its invoice: the payment's webhook is part of the invoice's life.
    """
    own = select(ENTRIES).where(
        ENTRIES.c.connection == connection, ENTRIES.c.object == kind, ENTRIES.c.object_id == object_id
    )
    async with store.reading() as database:
        found = {row.id: row for row in await database.execute(own)}
        found |= {row.id: row for row in await _leaders(database, found.values())}
        fresh = list(found.values())
        while fresh:
            fresh = [row for row in await _followers(database, fresh) if row.id not in found]
            found.update({row.id: row for row in fresh})
    return [
        _happening(row) for row in sorted(found.values(), key=lambda row: (row.at, row.partition, row.offset))
    ]


async def _leaders(database: AsyncConnection, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Return what fetch said of other objects of the client that brought news of this one."""
    own = list(rows)
    causes = {row.cause for row in own} - {id_ for row in own for id_ in _caused(row)}
    clients = {(row.connection, row.client) for row in own if row.client is not None}
    leaders: list[Row[Any]] = []
    for connection, client in clients if causes else ():
        asked = select(ENTRIES).where(
            ENTRIES.c.connection == connection,
            ENTRIES.c.client == client,
            ENTRIES.c.step == Step.FETCH.value,
        )
        leaders += [row for row in await database.execute(asked) if causes & set(_caused(row))]
    return leaders


def _caused(row: Row[Any]) -> list[str]:
    caused: list[str] = orjson.loads(row.entry).get("caused", [])
    return caused


async def _followers(database: AsyncConnection, rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    caused = sorted({id_ for row in rows for id_ in _caused(row)})
    followers: list[Row[Any]] = []
    for start in range(0, len(caused), _CHUNK):
        followers += await database.execute(_of_causes(caused[start : start + _CHUNK]))
    return followers


def _of_causes(ids: list[str]) -> Select[Any]:
    return select(ENTRIES).where(ENTRIES.c.cause.in_(ids))


def _happening(row: Row[Any]) -> Happening:
    at = datetime.fromtimestamp(row.at / 1000, tz=UTC)
    return Happening(at, row.partition, row.offset, orjson.loads(row.entry))
