"""Replays, as the workers follow them: when to step aside, and what to do again."""

import asyncio
from contextlib import suppress

import structlog

from app.kafka.compacted import CompactedView
from streams.domain.replay import Replay, ReplayState, Stretch
from streams.loop.contract import Clock, Spot
from streams.loop.rewind import NO_REWIND, Rewind

LOOK_EVERY = 1.0

_log = structlog.get_logger(__name__)


class Replays:
    """The replays in force. A worker heeds those that it found when it began; when they change, it ends."""

    def __init__(self, view: CompactedView[Replay], clock: Clock) -> None:
        self._view, self._clock = view, clock
        self._heeded: dict[str, tuple[Stretch, ...]] = {}

    async def cleared(self) -> None:
        """Return when nobody asks the workers to stay aside; from now on what is in force is heeded."""
        while asking := self._asking():
            _log.info("worker.aside", replay=asking.id, state=asking.state.value)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._view.changed()
        self._heeded = {it.id: it.stretches for it in self._view.values() if it.in_force}

    async def asked(self) -> None:
        """Return when this worker has to step aside, or began before a replay that it has to heed."""
        await self._view.until(lambda _: self._asking() is not None or self._is_new())

    def rewind(self, spot: Spot) -> Rewind:
        """Return what is done again in a partition, and what is passed by."""
        found = (Rewind.of(it, spot) for it in self._view.values() if it.in_force)
        return next((each for each in found if each is not None), NO_REWIND)

    def _asking(self) -> Replay | None:
        now = self._clock()
        for it in self._view.values():
            if it.state is ReplayState.ASKED and it.until is not None and it.until > now:
                return it
        return None

    def _is_new(self) -> bool:
        running = (it for it in self._view.values() if it.state is ReplayState.RUNNING)
        return any(self._heeded.get(it.id) != it.stretches for it in running)
