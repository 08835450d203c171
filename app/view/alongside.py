"""What other news of its client did to an invoice's rows: a new name, another Account, all sent once more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.view.happening import Happening, happening
from app.view.leading import caused, followers, leaders
from app.view.tables import ENTRIES
from streams.domain.audit import Step
from streams.domain.command import SObject

_OF_CLIENT: Final = (SObject.ACCOUNT.value, SObject.CONTACT.value)


async def alongside(database: AsyncConnection, own: Sequence[Row[Any]]) -> list[Happening]:
    """Return what became of the invoice's rows by messages that its `own` entries do not name.

    And what had led to it; of what else that led to, nothing. What a replay sent alone, no message names.
    """
    rows = {row.external_id for row in own if row.external_id and row.sobject not in _OF_CLIENT}
    known = {row.cause for row in own}
    found: list[Row[Any]] = []
    for connection, client in {(row.connection, row.client) for row in own if row.client is not None}:
        asked = select(ENTRIES.c.cause).where(
            ENTRIES.c.connection == connection,
            ENTRIES.c.client == client,
            ENTRIES.c.sobject.not_in(_OF_CLIENT),
            ENTRIES.c.external_id.in_(rows),
        )
        commands = {*await database.scalars(asked)} - known
        found += await _with_leaders(database, connection, client, commands)
    return [replace(happening(row), partly=row.step == Step.TRANSLATE) for row in found]


async def _with_leaders(
    database: AsyncConnection, connection: str, client: int, commands: set[str]
) -> Iterable[Row[Any]]:
    translated = await leaders(database, connection, client, Step.TRANSLATE, commands)
    records = {row.cause for row in translated}
    fetched = await leaders(database, connection, client, Step.FETCH, records)
    named = {message for row in translated for message in caused(row)} & commands
    return *fetched, *translated, *await followers(database, named)
