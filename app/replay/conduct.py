"""Carry a planned replay out: the workers step aside, the group's offsets move, the workers do the rest.

    planned ──apply──▶ asked ──group empty, offsets moved──▶ running ──all read again──▶ done
                         ▲                                    │   ▲
                         └──────────── pause, stop ◀──────────┘   └── resume ◀── paused

Each state stands in Kafka before the next deed, and each deed may be done again; so whoever conducts may die
at any moment, and another one goes on from what stands there.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from aiokafka import TopicPartition

from app.kafka.failures import GroupAlive
from app.kafka.group import StillThere, emptied
from app.kafka.offsets import Standing, move_offsets, standings
from app.replay.failures import Busy, NotNow, WorkersStay
from app.replay.moved import refuse_moved
from app.replay.plans import Plans
from streams.domain.connection import Connection
from streams.domain.replay import Replay, ReplayState, Stretch
from streams.loop.contract import Clock
from streams.loop.rewind import TOPICS
from streams.topics import APP

MARGIN: Final = timedelta(minutes=1)
"""For which workers stay aside beyond our patience, should we not come back."""


@dataclass(frozen=True, slots=True)
class Conductor:
    """Moves replays from state to state."""

    options: Mapping[str, Any]
    plans: Plans
    clock: Clock
    patience: float
    """Seconds that the workers get to step aside."""

    async def begin(self, replay: Replay, connection: Connection) -> Replay:
        """Let the workers do a replay that was planned, paused, or cut short; return it running.

        Raises:
            NotNow: it is over.
            Busy: another one is under way.
            Moved: the log or the mapping is not any more what the preview saw.
            WorkersStay: they did not step aside in time; nothing was changed.
        """
        if replay.state in {ReplayState.DONE, ReplayState.STOPPED}:
            raise NotNow(replay)
        self._refuse_busy(replay)
        await refuse_moved(self.options, replay, connection)
        async with self._aside(replay) as (asked, stack):
            await refuse_moved(self.options, replay, connection)
            stands = await self._stands(replay)
            stretches = tuple(rewound(it, stands.get(it.partition)) for it in replay.stretches)
            sure = await self.plans.put(asked, stretches=stretches)
            stack.pop_all()
            await self._move(replay, begins(stretches, stands))
        return await self.plans.put(sure, state=ReplayState.RUNNING, until=None)

    async def halt(self, replay: Replay, goal: ReplayState) -> Replay:
        """Let the workers leave a replay and go on with what is new; `goal` is paused or stopped.

        Raises:
            NotNow: it is over.
            WorkersStay: they did not step aside in time; the replay goes on.
        """
        if not replay.in_force:
            if replay.state is ReplayState.DONE:
                raise NotNow(replay)
            return await self.plans.put(replay, state=goal)
        async with self._aside(replay) as (asked, stack):
            stands = await self._stands(replay)
            stretches = tuple(left(replay, it, stands.get(it.partition)) for it in replay.stretches)
            sure = await self.plans.put(asked, stretches=stretches)
            stack.pop_all()
            await self._move(replay, restored(stretches, stands))
        return await self.plans.put(sure, state=goal, until=None)

    @asynccontextmanager
    async def _aside(self, replay: Replay) -> AsyncIterator[tuple[Replay, AsyncExitStack]]:
        """Ask the workers to step aside; whoever fails before he empties the stack takes the asking back."""
        until = self.clock() + timedelta(seconds=self.patience) + MARGIN
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.plans.put, replay)
            asked = await self.plans.put(replay, state=ReplayState.ASKED, until=until)
            await self._emptied()
            yield asked, stack

    async def _emptied(self) -> None:
        try:
            await emptied(self.options, APP, self.patience)
        except StillThere as still:
            raise WorkersStay(still) from None

    async def _move(self, replay: Replay, goal: Mapping[int, int]) -> None:
        """Move the offsets; a worker that had not heard of it yet may have come in between."""
        topic = TOPICS[replay.source].name
        places = {TopicPartition(topic, partition): offset for partition, offset in goal.items()}
        while places:
            try:
                await move_offsets(self.options, APP, places)
            except GroupAlive:
                await self._emptied()
            else:
                return

    def _refuse_busy(self, replay: Replay) -> None:
        for other in self.plans.all():
            if other.in_force and other.id != replay.id:
                raise Busy(other)

    async def _stands(self, replay: Replay) -> Mapping[int, Standing]:
        found = await standings(self.options, APP, [TOPICS[replay.source].name])
        return {standing.partition: standing for standing in found}


def rewound(stretch: Stretch, at: Standing | None) -> Stretch:
    """Return a stretch as it is once the group was set back for it.

    One that was rewound already, by somebody who did not come back, goes on from where the group stands.
    """
    if at is None or stretch.begin >= min(stretch.end, at.committed) or at.committed < stretch.passed:
        return stretch
    return stretch.model_copy(update={"begin": max(stretch.begin, at.first), "passed": at.committed})


def begins(stretches: Sequence[Stretch], stands: Mapping[int, Standing]) -> Mapping[int, int]:
    """Return where the group has to stand so that the stretches are read again."""
    return {
        it.partition: it.begin
        for it in stretches
        if it.begin < min(it.end, it.passed) and it.passed == _committed(stands, it)
    }


def left(replay: Replay, stretch: Stretch, at: Standing | None) -> Stretch:
    """Return a stretch as it is once the group leaves it.

    When somebody set the group forward before and did not come back, what he wrote down stands.
    """
    if at is None or not stretch.passed:
        return stretch
    if at.committed < stretch.passed:
        return stretch.model_copy(update={"begin": min(max(stretch.begin, at.committed), stretch.end)})
    finished = replay.state is ReplayState.RUNNING
    return stretch.model_copy(update={"begin": stretch.end}) if finished else stretch


def restored(stretches: Sequence[Stretch], stands: Mapping[int, Standing]) -> Mapping[int, int]:
    """Return where the group has to stand so that it goes on with what is new."""
    return {it.partition: it.passed for it in stretches if 0 <= _committed(stands, it) < it.passed}


def _committed(stands: Mapping[int, Standing], stretch: Stretch) -> int:
    return stands[stretch.partition].committed if stretch.partition in stands else -1
