"""Replays from end to end, as the command line and the pages do them: preview, what moved, apply, halt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kafka.log import Progress
from app.replay.conduct import Conductor, silent
from app.replay.follow import follow
from app.replay.group import WorkersGroup
from app.replay.moved import refuse_moved
from app.replay.plan import planned
from app.replay.plans import Plans, open_plans
from app.replay.positions import spans
from app.replay.preview import Foreseen, Preview, Tally
from app.replay.reach import Reach, reaches
from app.replay.said import said
from streams.domain.audit import Step
from streams.domain.connection import Connection
from streams.domain.replay import Replay, ReplayState, Source
from streams.domain.scope import Scope
from streams.loop.contract import Clock
from streams.loop.rewind import TOPICS

PATIENCE = 60.0
"""Seconds that the workers get to step aside."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which replay somebody wants to see."""

    only: str = ""
    source: Source = Source.RECORDS
    forced: bool = False
    since: datetime | None = None
    begins: Mapping[int, int] | None = None
    """Offsets by partition; partitions that are not named are left out."""


@dataclass(frozen=True, slots=True)
class Replays:
    """The replays of an installation."""

    options: Mapping[str, Any]
    clock: Clock
    patience: float = PATIENCE
    speaker: Step = Step.COMMAND_LINE
    """Where people act through these, as the audit has it."""
    asking: Callable[[], object] = silent
    """Called when the workers are asked to step aside."""

    async def all(self) -> Sequence[Replay]:
        """Return all that were planned, the latest first."""
        async with open_plans(self.options) as plans:
            return plans.all()

    async def reaches(self, replays: Sequence[Replay]) -> Sequence[Reach]:
        """Return how far each of them is; Kafka is asked for one that runs alone.

        Raises:
            KafkaAway: no broker answers.
        """
        return await reaches(self.options, replays)

    async def one(self, named: str) -> Replay:
        """Return a replay by its id, or by how that begins.

        Raises:
            NoReplay: there is none, or several.
        """
        async with open_plans(self.options) as plans:
            return plans[named]

    async def preview(
        self,
        connection: Connection,
        asked: Asked,
        tell: Callable[[Foreseen], object],
        progress: Progress,
        by: str,
    ) -> tuple[Replay, Tally]:
        """Tell each row that a replay would send, and keep what was seen as a plan.

        Raises:
            Misconfigured: what was asked names nothing, or lies outside the log.
            KafkaAway: no broker answers, or one fell silent.
        """
        scope, topic = Scope.of(connection.name, asked.only, asked.source), TOPICS[asked.source]
        stretches = await spans(self.options, topic, self.clock(), asked.since, asked.begins)
        found = Preview(self.options, connection, scope, progress, asked.source, asked.forced)
        async for each in found.spans(stretches):
            tell(each)
        async with open_plans(self.options) as plans:
            plan = await plans.put(planned(found, stretches, self.clock(), by))
            await plans.write(said(plan, "previewed", by, self.clock(), self.speaker))
            return plan, found.tally

    async def refuse_moved(self, replay: Replay, connection: Connection) -> None:
        """Raise `Moved` when a replay would not do any more what its preview said."""
        await refuse_moved(self.options, replay, connection)

    async def apply(self, named: str, connection: Connection, progress: Progress, by: str) -> Replay:
        """Carry a replay out for `by`, or take it up again; return it once it is over or was halted.

        Raises:
            NotNow, Busy, Moved, Overtaken, WorkersStay: as the conductor says.
        """
        async with open_plans(self.options) as plans:
            replay = plans[named]
            if replay.state is not ReplayState.RUNNING:
                act = "applied" if replay.state is ReplayState.PLANNED else "taken up again"
                replay = await self._conductor(plans).begin(replay, connection, by)
                await plans.write(said(replay, act, by, self.clock(), self.speaker))
            return await follow(self.options, plans, replay, progress)

    async def follow(self, named: str, progress: Progress) -> Replay:
        """Follow a replay that runs to its end, and note it as done; any other is left as it is."""
        async with open_plans(self.options) as plans:
            replay = plans[named]
            if replay.state is not ReplayState.RUNNING:
                return replay
            return await follow(self.options, plans, replay, progress)

    async def halt(self, named: str, goal: ReplayState, by: str) -> Replay:
        """Let the workers leave a replay, for `by`; `goal` is paused or stopped.

        Raises:
            NotNow, Overtaken, WorkersStay: as the conductor says.
        """
        async with open_plans(self.options) as plans:
            if plans[named].state is goal:
                return plans[named]
            replay = await self._conductor(plans).halt(named, goal, by)
            await plans.write(said(replay, goal.value, by, self.clock(), self.speaker))
            return replay

    def _conductor(self, plans: Plans) -> Conductor:
        return Conductor(
            plans, WorkersGroup(self.options, self.patience), self.refuse_moved, self.clock, self.asking
        )
