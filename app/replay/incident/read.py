"""Reading an incident: the client's audit entries from the view, its records from the log."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiokafka import TopicPartition
from sqlalchemy import select

from app.kafka.inventory import spots
from app.kafka.log import bounds, stretch
from app.kafka.partition import partition_of
from app.view.store import Store
from app.view.tables import ENTRIES
from streams.codec import readable
from streams.domain.identity import ClientId, ConnectionName, client_key
from streams.domain.record import Record
from streams.topics import RECORDS


async def client_of(store: Store, connection: str, kind: str, object_id: int) -> ClientId | None:
    """Return the client whom the newest entry about an object is about; None when nothing is known."""
    asked = select(ENTRIES.c.client).where(
        ENTRIES.c.connection == connection,
        ENTRIES.c.object == kind,
        ENTRIES.c.object_id == object_id,
        ENTRIES.c.client.is_not(None),
    )
    async with store.reading() as database:
        found = (await database.execute(asked.order_by(ENTRIES.c.at.desc()).limit(1))).scalar()
    return None if found is None else ClientId(found)


async def entries_of(store: Store, connection: ConnectionName, client: ClientId) -> list[dict[str, Any]]:
    """Return all audit entries about a client, oldest first."""
    asked = select(ENTRIES.c.entry).where(ENTRIES.c.connection == connection, ENTRIES.c.client == client)
    ordered = asked.order_by(ENTRIES.c.at, ENTRIES.c.partition, ENTRIES.c.offset)
    async with store.reading() as database:
        return [orjson.loads(row.entry) for row in await database.execute(ordered)]


async def records_of(
    options: Mapping[str, Any], connection: ConnectionName, client: ClientId
) -> list[Record]:
    """Return the records of a client, in the order of the log.

    Raises:
        KafkaAway: no broker answers, or one fell silent.
    """
    key = client_key(connection, client).encode()
    count = len(await spots(options, RECORDS.name))
    place = TopicPartition(RECORDS.name, partition_of(key, count))
    begin, end = (await bounds(options, [place]))[place]
    found = [
        readable(Record, message.value)
        async for message in stretch(options, place, begin, end)
        if message.key == key
    ]
    return [record for record in found if record is not None]
