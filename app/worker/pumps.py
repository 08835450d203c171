"""The pumps of a worker: one per stage and partition, made when the first delivery comes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.worker.stores import Partitions
from streams.loop.burial import Burials
from streams.loop.contract import Delivery, Done, Stage
from streams.loop.limits import Surroundings
from streams.loop.pump import Pump
from streams.topics import Table

LAST_GRACE: Final = (5.0, 7.0)
"""Seconds that open questions get when the process ends, at least and at most."""


class Pumps:
    """All that is under way in this process."""

    def __init__(
        self, stages: Sequence[Stage], tables: Mapping[Table, Partitions], around: Surroundings
    ) -> None:
        self.stages, self.tables, self.around = stages, tables, around
        self._burials = {stage.step: Burials() for stage in stages}
        self._pumps: dict[tuple[str, int], Pump] = {}
        self._shut = True
        self.end_of: Callable[[str, int], int] = lambda _topic, _partition: 0
        """Tells where a partition's log ends, as far as known once something of it was read."""

    @property
    def held(self) -> int:
        """Deliveries that are taken and not yet acknowledged."""
        return sum(pump.held for pump in self._pumps.values())

    def resume(self) -> None:
        """Take deliveries again: partitions and tables are here."""
        self._shut = False

    async def take(self, stage: Stage, delivery: Delivery, done: Done) -> None:
        """Give a delivery to its partition's pump; while partitions move, it is left to be read again."""
        if not self._shut:
            await self._pump(stage, delivery.place.partition).take(delivery, done)

    def _pump(self, stage: Stage, partition: int) -> Pump:
        pump = self._pumps.get((stage.step, partition))
        if pump is None:
            journals = [self.tables[table].journal(partition) for table in stage.tables]
            until = self.end_of(stage.reads.name, partition)
            pump = Pump(stage, journals, self._burials[stage.step], self.around, until=until)
            pump.start()
            self._pumps[stage.step, partition] = pump
        return pump

    async def drain(self, *, last: bool = False) -> None:
        """Finish what is concluded and give up the rest; then every pump is gone.

        Before partitions move, and before the process ends: what comes after reads from the commit on.
        """
        self._shut = True
        pumps, self._pumps = self._pumps, {}
        grace = {stage.step.value: _grace(stage, last=last) for stage in self.stages}
        await asyncio.gather(*(pump.drain(grace[step]) for (step, _), pump in pumps.items()))


def _grace(stage: Stage, *, last: bool) -> float:
    least, most = LAST_GRACE
    return min(max(stage.grace, least), most) if last else stage.grace
