"""Replays without Kafka: plans in memory, a preview with one changed row, and moves that a test decides."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from app.replay.failures import Moved
from app.replay.plans import NoReplay
from app.replay.preview import Foreseen, Tally
from app.replay.weighing import Sort
from streams.domain.replay import Replay, ReplayState
from tests.builders.replays import a_replay
from tests.builders.salesforce import an_account


@dataclass
class PlannedReplays:
    """What the desk asks of replays."""

    plans: dict[str, Replay] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    """What is new since the previews."""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: what runs is read to its end."""
    stay: asyncio.Event | None = None
    """While it is not set, workers do not step aside."""
    look: asyncio.Event | None = None
    """While it is not set, a preview lasts."""
    begun: int = 0
    """Replays that were begun, or taken up again."""

    async def all(self) -> list[Replay]:
        return [*self.plans.values()]

    async def one(self, named: str) -> Replay:
        if named not in self.plans:
            message = f"no replay is called {named}"
            raise NoReplay(message)
        return self.plans[named]

    async def preview(
        self, _connection: Any, asked: Any, tell: Any, progress: Any, by: str
    ) -> tuple[Replay, Tally]:
        progress(1, 1)
        if self.look is not None:
            await self.look.wait()
        command, tally = an_account(7, "After & <b>"), Tally(left_alone=4)
        tell(Foreseen(command, Sort.CHANGED, {"Name": "Before"}))
        tally.rows[command.sobject, Sort.CHANGED] += 1
        plan = a_replay(state=ReplayState.PLANNED, only=asked.only, source=asked.source)
        plan = plan.model_copy(update={"previewed_by": by})
        self.plans[plan.id] = plan
        return plan, tally

    async def refuse_moved(self, replay: Replay, _connection: Any) -> None:
        if self.moved:
            raise Moved(replay, self.moved)

    async def apply(self, named: str, connection: Any, progress: Any, by: str) -> Replay:
        await self.refuse_moved(self.plans[named], connection)
        self.begun += 1
        await self._aside(named)
        self._become(named, ReplayState.RUNNING, applied_by=by)
        return await self.follow(named, progress)

    async def follow(self, named: str, progress: Any) -> Replay:
        progress(2, 4)
        await self.done.wait()
        if self.plans[named].state is ReplayState.RUNNING:
            self._become(named, ReplayState.DONE)
        return self.plans[named]

    async def halt(self, named: str, goal: ReplayState, by: str) -> Replay:
        await self._aside(named)
        self.done.set()
        return self._become(named, goal, halted_by=by)

    async def _aside(self, named: str) -> None:
        if self.stay is not None:
            self._become(named, ReplayState.ASKED)
            await self.stay.wait()

    def _become(self, named: str, state: ReplayState, **by: str) -> Replay:
        self.plans[named] = self.plans[named].model_copy(update={"state": state, **by})
        return self.plans[named]
