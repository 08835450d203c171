"""The pumps of a worker: one per stage and partition, made when it is taken up or has its first delivery."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from app.worker.stores import Partitions
from streams.domain.audit import Step
from streams.loop.aside import Aside
from streams.loop.burial import Burials
from streams.loop.contract import Delivery, Done, Spot, Stage
from streams.loop.limits import Surroundings
from streams.loop.pump import Pump
from streams.loop.rewind import NO_REWIND, Rewind
from streams.loop.takeover import Takeover
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
        self._pumps: dict[tuple[Step, int], Pump] = {}
        self.shut = True
        """Whether deliveries are left to be read again, since partitions move."""
        self.end_of: Callable[[str, int], int] = lambda _topic, _partition: 0
        """Tells where a partition's log ends, as far as known once something of it was read."""
        self.begin_of: Callable[[str, int], int] = lambda _topic, _partition: 0
        """Tells from where Kafka gives us a partition to read; known when `take_up` is called."""
        self.rewind_of: Callable[[Spot], Rewind] = lambda _spot: NO_REWIND
        """Tells what a replay passes by in a partition, and what it forces."""

    @property
    def held(self) -> int:
        """Deliveries that are taken and not yet acknowledged."""
        return sum(pump.held for pump in self._pumps.values())

    def resume(self) -> None:
        """Take deliveries again: partitions and tables are here."""
        self.shut = False

    def take_up(self) -> None:
        """Go on for the connections that are aside: they need not wait for a delivery."""
        for stage in self.stages:
            rows = self.tables.get(stage.aside) if stage.aside else None
            for partition in () if rows is None else rows.held:
                if rows is not None and len(rows.journal(partition)):
                    self._pump(stage, partition)

    def asides(self) -> Iterator[tuple[Step, int, Aside]]:
        """Yield step and partition of each connection that is aside."""
        for (step, partition), pump in self._pumps.items():
            for aside in pump.asides.values():
                yield step, partition, aside

    async def take(self, stage: Stage, delivery: Delivery, done: Done) -> None:
        """Give a delivery to its partition's pump; while partitions move, it is left to be read again."""
        if not self.shut:
            await self._pump(stage, delivery.place.partition).take(delivery, done)

    def _pump(self, stage: Stage, partition: int) -> Pump:
        pump = self._pumps.get((stage.step, partition))
        if pump is None:
            pump = self._pumps[stage.step, partition] = self._fresh(stage, partition)
            pump.start()
        return pump

    def _fresh(self, stage: Stage, partition: int) -> Pump:
        aside = self.tables.get(stage.aside) if stage.aside else None
        takeover = Takeover(
            partition,
            begin=self.begin_of(stage.reads.name, partition),
            until=partial(self.end_of, stage.reads.name, partition),
            aside=aside.journal(partition) if aside else None,
            rewind=self.rewind_of((stage.reads.name, partition)),
            ahead=next((self._pump(it, partition) for it in self.stages if it.step is stage.ahead), None),
        )
        journals = [self.tables[table].journal(partition) for table in stage.tables]
        return Pump(stage, journals, self._burials[stage.step], self.around, takeover)

    async def drain(self, *, last: bool = False) -> None:
        """Finish what is concluded and give up the rest; then every pump is gone.

        Before partitions move, and before the process ends: what comes after reads from the commit on.
        """
        self.shut = True
        pumps, self._pumps = self._pumps, {}
        grace = {stage.step: _grace(stage, last=last) for stage in self.stages}
        await asyncio.gather(*(pump.drain(grace[step]) for (step, _), pump in pumps.items()))


def _grace(stage: Stage, *, last: bool) -> float:
    least, most = LAST_GRACE
    return min(max(stage.grace, least), most) if last else stage.grace
