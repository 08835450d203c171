"""A schedule in which somebody sets the records back, or the mapping anew, whenever a worker is gone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from streams.domain.audit import AuditEntry, Step
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from streams.loop.contract import Spot, Stage
from streams.loop.limits import Limits, Surroundings
from streams.loop.takeover import Takeover
from streams.ports import Books, Rows, Settings
from streams.topics import AUDIT, RECORDS
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME
from tests.simulation.scene import MakeStages, Scene
from tests.simulation.worker import Faults, Worker

OTHERWISE = a_mapping(
    BillingCity='{ literal = "Elsewhere" }', FreshBooks_Invoice_Number__c='{ literal = "0" }'
)
"""Another mapping of the same fields: once the first is in force again, a replay leaves nothing of it."""


def _made(
    make: MakeStages, at: dict[ConnectionName, Connection], books: Books, rows: Rows, _: Settings
) -> Sequence[Stage]:
    return make(books, rows, at)


class _Diligent(Worker):
    """Writes down at once how far it is."""

    dies_at_once: bool = False
    """Nothing of it comes late."""

    def _surroundings(self, limits: Limits) -> Surroundings:
        return Worker._surroundings(self, replace(limits, window=2))

    def _takeover(self, stage: Stage, spot: Spot) -> Takeover:
        return self._knowing(stage, spot)

    async def freeze(self) -> None:
        await (self.crash() if self.dies_at_once else Worker.freeze(self))


@dataclass
class Rewinding(Scene):
    """What it all comes to is what the mapping of the beginning says, which is in force again in the end.

    A worker's last words come late, or the mapping changes, but not both: a late command of another mapping
    has the version of the right one, and nobody can tell them apart, nor what is parked from what came after
    (README, Decisions). A replay more, and the row is right.
    """

    settings: dict[ConnectionName, Connection] = field(default_factory=lambda: {ACME: A_CONNECTION})
    read: int = 0
    passed: int = 0
    """Records that the last rewind had read once more; those of which nothing was said."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.make = partial(_made, self.make, self.settings)
        self.remaps = self.chance.happens(0.6)

    async def play(self) -> None:
        """Let it all happen, replay it by the first mapping; then set back what has nothing to change."""
        changes = asyncio.create_task(self._change())
        for _ in range(self.chance.randrange(self.crashes + 1)):
            await self._work_until_it_ends_badly()
            self._meddle()
        self.settings[ACME] = A_CONNECTION
        self._rewind(whole=True)
        worker = self._sound_worker()
        await changes
        await (await self._quiet(worker)).leave()
        self._rewind(whole=True)
        before, so_far = self._said(), len(self.org.written)
        await (await self._quiet(self._sound_worker())).crash()
        self.read = sum(self.broker.committed[spot] for spot in self._records)
        self.passed = self.read - (self._said() - before)
        if any(
            not it.optional for it in self.org.written[so_far:]
        ):  # an Order may be looked for in vain again
            self.wrong.append("a rewind with nothing to change wrote a row")

    def _worker(self, faults: Faults) -> Worker:
        made = self.make(self.books, self.org, self.settings)
        faults = replace(faults, late=0) if self.remaps else faults
        worker = _Diligent(self.broker, made, self.chance, faults)
        worker.dies_at_once = self.remaps
        return worker

    def _said(self) -> int:
        return sum(entry.step is Step.TRANSLATE for entry in self.values(AUDIT, AuditEntry))

    def _meddle(self) -> None:
        if self.chance.happens(0.4):
            self._rewind(whole=self.chance.happens(0.5))
        if self.remaps and self.chance.happens(0.7):
            mapping = self.chance.choice(("", OTHERWISE))
            self.settings[ACME] = A_CONNECTION.model_copy(update={"mapping": mapping})

    @property
    def _records(self) -> list[tuple[str, int]]:
        return [(RECORDS.name, number) for number in range(self.partitions)]

    def _rewind(self, *, whole: bool) -> None:
        """Set the records back: to the beginning, or anywhere."""
        for spot in self._records:
            at = self.broker.committed[spot]
            self.broker.committed[spot] = 0 if whole else self.chance.randrange(at + 1)
