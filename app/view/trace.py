"""Trace: everything that ever happened to one FreshBooks object, from webhook bytes to Salesforce id."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.happening import Happening, happening
from app.view.replayed import replayed
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step

_CHUNK: Final = 500
"""Ids per IN list: below SQLite's smallest limit on parameters."""


async def trace(store: Store, connection: str, kind: str, object_id: int) -> list[Happening]:
    """Return what happened to the object, oldest first: its own entries, what led to them, what followed.

    A payment brings its invoice: the payment's webhook is part of the invoice's life. So are the replays that
    were about it, and what they sent.
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
        happenings = [*map(happening, found.values())]
        if happenings:  # a replay of all does not make an object known
            happenings += await replayed(database, connection, (kind, object_id), happenings)
    known = {it.entry["id"]: it for it in happenings}  # of an act that is there twice, what tells more
    return sorted(known.values(), key=lambda it: (it.at, it.partition, it.offset))


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
