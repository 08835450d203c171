"""A worker process of the simulation whose connections may go aside: small limits, little patience."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from streams.loop.burial import Burials
from streams.loop.contract import Delivery, Spot, Stage
from streams.loop.journal import Journal
from streams.loop.limits import Limits, Surroundings, Turn
from streams.loop.pump import Pump
from streams.topics import Table
from tests.simulation.worker import Worker

ROOM = 6
"""Deliveries that may be under way."""


class AsideWorker(Worker):
    """Reads again for connections that are aside, as slowly as it likes."""

    @property
    def turns(self) -> list[Turn]:
        """Who went aside and who came back, in this process."""
        return self._turns

    def _surroundings(self, limits: Limits) -> Surroundings:
        self._turns: list[Turn] = []
        small = replace(limits, deliveries=ROOM, patience=1.0)
        return Surroundings(self.sink, self._die, small, self._again, self._turns.append)

    def _tables(self, stage: Stage) -> Sequence[Table]:
        return stage.kept

    def _pump(self, stage: Stage, spot: Spot, journals: Sequence[Journal]) -> Pump:
        count = len(stage.tables)
        rows = journals[count] if stage.aside else None
        takeover = replace(self._knowing(stage, spot), aside=rows)
        return Pump(stage, journals[:count], Burials(), self._around, takeover)

    async def _again(self, spot: Spot, offset: int) -> AsyncGenerator[Delivery, None]:
        await self.chance.a_while(0.2)
        for each in range(offset, len(self.broker.logs[spot])):
            if self.chance.happens(0.2):
                await self.chance.a_while(0.1)
            yield self.broker.delivery(spot, each)
        await self.chance.a_while(0.1)
