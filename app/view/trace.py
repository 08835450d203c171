"""Trace: everything that ever happened to one FreshBooks object, from webhook bytes to Salesforce id."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.alongside import alongside
from app.view.happening import Happening, happening
from app.view.leading import caused, followers, leaders
from app.view.replayed import replayed
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.audit import Step
from streams.domain.identity import ObjectKind


async def trace(store: Store, connection: str, kind: str, object_id: int) -> list[Happening]:
    """Return what happened to the object, oldest first: its own entries, what led to them, what followed.

    A payment brings its invoice: the payment's webhook is part of the invoice's life. So are the replays that
    were about it, and what they sent; and what other news of its client did to its rows.
    """
    own = select(ENTRIES).where(
        ENTRIES.c.connection == connection, ENTRIES.c.object == kind, ENTRIES.c.object_id == object_id
    )
    async with store.reading() as database:
        found = {row.id: row for row in await database.execute(own)}
        found |= {row.id: row for row in await _leaders(database, [*found.values()])}
        fresh = list(found.values())
        while fresh:
            led_to = {id_ for row in fresh for id_ in caused(row)}
            fresh = [row for row in await followers(database, led_to) if row.id not in found]
            found.update({row.id: row for row in fresh})
        happenings = [*map(happening, found.values())]
        if kind == ObjectKind.INVOICE:
            happenings += await alongside(database, [*found.values()])
        if happenings:  # a replay of all does not make an object known
            happenings += await replayed(database, connection, (kind, object_id), happenings)
    known = {it.entry["id"]: it for it in happenings}  # of an act that is there twice, what tells more
    return sorted(known.values(), key=lambda it: (it.at, it.partition, it.offset))


async def _leaders(database: AsyncConnection, own: list[Row[Any]]) -> list[Row[Any]]:
    """Return what fetch said of other objects of the client that brought news of this one."""
    causes = {row.cause for row in own} - {id_ for row in own for id_ in caused(row)}
    clients = {(row.connection, row.client) for row in own if row.client is not None}
    return [
        row
        for connection, client in clients
        for row in await leaders(database, connection, client, Step.FETCH, causes)
    ]
