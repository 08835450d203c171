"""Which entries led to messages, and which followed from them."""

from collections.abc import Iterable
from typing import Any, Final

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.tables import ENTRIES
from streams.domain.audit import Step

_CHUNK: Final = 500
"""Ids per IN list: below SQLite's smallest limit on parameters."""


def caused(row: Row[Any]) -> list[str]:
    """Return the messages that an entry led to."""
    messages: list[str] = orjson.loads(row.entry).get("caused", [])
    return messages


async def leaders(
    database: AsyncConnection, connection: str, client: int, step: Step, messages: set[str]
) -> list[Row[Any]]:
    """Return what `step` said of objects of the client that led to one of the messages."""
    if not messages:
        return []
    asked = select(ENTRIES).where(
        ENTRIES.c.connection == connection, ENTRIES.c.client == client, ENTRIES.c.step == step.value
    )
    return [row for row in await database.execute(asked) if messages & {*caused(row)}]


async def followers(database: AsyncConnection, messages: Iterable[str]) -> list[Row[Any]]:
    """Return what was said of the messages."""
    ids, found = sorted(messages), list[Row[Any]]()
    for start in range(0, len(ids), _CHUNK):
        found += await database.execute(_of_causes(ids[start : start + _CHUNK]))
    return found


def _of_causes(ids: list[str]) -> Select[Any]:
    return select(ENTRIES).where(ENTRIES.c.cause.in_(ids))
