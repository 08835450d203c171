"""Faust's thread around aiokafka, with which positions move for the newest assignment alone."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.errors import IllegalStateError
from faust.transport.drivers import aiokafka as driver

NEVER: Final = 3650 * 86_400.0
"""Seconds without a fetch after which aiokafka would leave the group by itself.

A worker without partitions fetches nothing, nor does one that is full while a vendor is away: both are well.
Kafka never hears of it: it goes by heartbeats, and in a rebalance by its time-out.
"""


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is untyped
    """The thread in which aiokafka runs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._seeking = asyncio.Lock()

    @property
    def generation(self) -> int:
        """The generation of the group as it is known now; below 0 once Kafka has put us out of it."""
        return int(self._ensure_consumer()._coordinator.generation)  # noqa: SLF001  # a test guards the names

    async def seek_to_committed(self) -> Mapping[Any, int | None]:
        """Seek each source to where its group would read on, and return that."""
        known: Mapping[Any, int | None] = await self.call_thread(self._seek_sources, self._ensure_consumer())
        return known

    async def _seek_sources(self, consumer: Any) -> Mapping[Any, int | None]:
        """Seek all sources in one step, or none: the stock one asks and seeks partition by partition.

        It leaves those as they are of which nothing is committed, though a fetch may have moved them. And
        a seek goes on when nobody waits for it any more: one that ends late would put back what is read by
        then. So it ends with its assignment, and the next one waits for it.

        Raises:
            IllegalStateError: the assignment is over.
        """
        async with self._seeking:
            assignment = consumer._subscription.subscription.assignment  # noqa: SLF001
            if assignment is None or not assignment.tps:
                return {}
            found = await consumer._coordinator.fetch_committed_offsets(sorted(assignment.tps))  # noqa: SLF001
            if not assignment.active:
                message = "partitions were given out anew before it was known where these are read on"
                raise IllegalStateError(message)
            known = {tp: found[tp].offset if tp in found else None for tp in assignment.tps}
            for tp in assignment.tps - self._changelogs(assignment.tps):
                consumer.seek(tp, known[tp] or 0)  # where the log begins later than 0, Kafka says so
            return known

    def _changelogs(self, tps: Any) -> set[Any]:
        return {tp for tp in tps if self.consumer._is_changelog_tp(tp)}  # noqa: SLF001
