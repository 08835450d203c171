"""Carry a planned replay out: the workers step aside, the group's offsets move, the workers do the rest.

    planned ──apply──▶ asked ──group empty, offsets moved──▶ running ──all read again──▶ done
                         ▲                                    │   ▲
                         └──────────── pause, stop ◀──────────┘   └── resume ◀── paused

Each state stands in Kafka before the next deed, and each deed may be done again; so whoever conducts may die
at any moment, and another one goes on from what stands there. When two conduct at once, whoever asked last
goes on, and the other one leaves off: what is asked is looked at again right before the offsets are moved.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from app.kafka.offsets import Standing
from app.replay.failures import Busy, NotNow, Overtaken
from app.replay.plans import Plans
from streams.domain.connection import Connection
from streams.domain.replay import Replay, ReplayState, Source, Stretch
from streams.loop.contract import Clock

MARGIN: Final = timedelta(minutes=1)
"""For which workers stay aside beyond our patience, should we not come back."""


def silent() -> None:
    """Say nothing."""


class Group(Protocol):
    """The workers' group."""

    @property
    def patience(self) -> float:
        """Seconds that the workers get to step aside."""
        ...

    async def emptied(self) -> None:
        """Return when nobody is in it."""
        ...

    async def stands(self, source: Source) -> Mapping[int, Standing]:
        """Return where it stands, by partition."""
        ...

    async def move(self, source: Source, goal: Mapping[int, int]) -> None:
        """Set it to these offsets, by partition."""
        ...


@dataclass(frozen=True, slots=True)
class Conductor:
    """Moves replays from state to state."""

    plans: Plans
    group: Group
    moved: Callable[[Replay, Connection], Awaitable[None]]
    """Raises `Moved` when a replay would not do any more what its preview said."""
    clock: Clock
    asking: Callable[[], object] = silent
    """Called when the workers are asked to step aside."""

    async def begin(self, replay: Replay, connection: Connection, by: str) -> Replay:
        """Let the workers do a replay that was planned, paused, or cut short, for `by`; return it running.

        Raises:
            NotNow: it is over.
            Busy: another one is under way.
            Moved: the log or the mapping is not any more what the preview saw.
            Overtaken: somebody halted it, or took it up, meanwhile; what he wanted holds.
            WorkersStay: they did not step aside in time; nothing was changed.
        """
        if replay.state in {ReplayState.DONE, ReplayState.STOPPED}:
            raise NotNow(replay)
        self._refuse_busy(replay)
        await self.moved(replay, connection)
        async with self._aside(replay) as (asked, stack):
            await self.moved(replay, connection)
            stands = await self.group.stands(replay.source)
            stretches = tuple(rewound(it, stands.get(it.partition)) for it in replay.stretches)
            await self._still(asked)
            sure = await self.plans.put(asked, stretches=stretches)
            stack.pop_all()
            await self._still(sure)
            await self.group.move(replay.source, begins(stretches, stands))
            await self._unless_overtaken(sure)
        return await self.plans.put(sure, state=ReplayState.RUNNING, until=None, applied_by=by)

    async def halt(self, named: str, goal: ReplayState, by: str) -> Replay:
        """Let the workers leave a replay and go on with what is new, for `by`; `goal` is paused or stopped.

        Raises:
            NotNow: it is over.
            Overtaken: somebody else halted it, or took it up, meanwhile; what he wanted holds.
            WorkersStay: they did not step aside in time; the replay goes on.
        """
        await self.plans.caught_up()
        replay = self.plans[named]
        if replay.state is goal:
            return replay
        if replay.state in {ReplayState.DONE, ReplayState.STOPPED}:
            raise NotNow(replay)
        if not replay.in_force:
            return await self.plans.put(replay, state=goal, halted_by=by)
        async with self._aside(replay) as (asked, stack):
            stands = await self.group.stands(replay.source)
            stretches = tuple(left(replay, it, stands.get(it.partition)) for it in replay.stretches)
            await self._still(asked)
            sure = await self.plans.put(asked, stretches=stretches)
            stack.pop_all()
            await self._still(sure)
            await self.group.move(replay.source, restored(stretches, stands))
            await self._still(sure)
        return await self.plans.put(sure, state=goal, until=None, halted_by=by)

    @asynccontextmanager
    async def _aside(self, replay: Replay) -> AsyncIterator[tuple[Replay, AsyncExitStack]]:
        """Ask the workers to step aside; whoever fails before he empties the stack takes the asking back."""
        until = self.clock() + timedelta(seconds=self.group.patience) + MARGIN
        asked = replay.model_copy(update={"state": ReplayState.ASKED, "until": until})
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._take_back, asked, replay)
            await self.plans.put(asked)
            self.asking()
            await self.group.emptied()
            yield asked, stack

    async def _take_back(self, asked: Replay, replay: Replay) -> None:
        """Put a replay back as it was, unless somebody else wants something of it by now."""
        await self.plans.caught_up()
        if self.plans[replay.id] == asked:
            await self.plans.put(replay)

    async def _still(self, ours: Replay) -> None:
        """Raise unless what we wrote last is what stands."""
        await self.plans.caught_up()
        if (now := self.plans[ours.id]) != ours:
            raise Overtaken(now)

    async def _unless_overtaken(self, sure: Replay) -> None:
        """Raise when somebody halted it while the offsets were moved, with the group set forward again."""
        try:
            await self._still(sure)
        except Overtaken:
            stands = await self.group.stands(sure.source)
            await self.group.move(sure.source, restored(sure.stretches, stands))
            raise

    def _refuse_busy(self, replay: Replay) -> None:
        for other in self.plans.all():
            if other.in_force and other.id != replay.id:
                raise Busy(other)


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
