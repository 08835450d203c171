"""The present rows of small tables, read from their changelogs by somebody who does not keep them."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from app.kafka.inventory import spots
from app.worker.stores import Partitions, Rows
from streams.topics import Table


class Followed:
    """Tables as they are now; between `start` and `stop`."""

    def __init__(self, options: Mapping[str, Any], tables: Sequence[Table]) -> None:
        self._options = options
        self._tables = {table.changelog: Partitions(table, Rows) for table in tables}
        self._consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest", enable_auto_commit=False)

    async def start(self) -> None:
        """Connect, and begin at the changelogs' beginning."""
        await self._consumer.start()
        self._spots = await spots(self._options, *self._tables)
        self._consumer.assign(self._spots)

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def rows(self) -> int:
        """Return how many rows there are, now that all is read that stood there."""
        await self._catch_up()
        return sum(table.rows for table in self._tables.values())

    async def keys(self) -> set[bytes]:
        """Return the keys of the rows, now that all is read that stood there."""
        await self._catch_up()
        return {key for table in self._tables.values() for key in table.every_key()}

    async def _catch_up(self) -> None:
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._spots)
        position = self._consumer.position
        while left := [spot for spot in self._spots if await position(spot) < ends[spot]]:
            for spot, records in (await self._consumer.getmany(*left, timeout_ms=500)).items():
                self._tables[spot.topic].take(spot.partition, records)
