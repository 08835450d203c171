"""The workers' group and the plans, in memory: somebody may act in between whenever a test says so."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kafka.offsets import Standing
from app.replay.plans import Plans
from streams.domain.replay import Replay, Source
from streams.topics import RECORDS


async def _nothing() -> None:
    """Nobody acts."""


@dataclass
class FakeGroup:
    """A group of one partition that stands at `at`; it is empty once `gone` is set."""

    at: int = 8
    patience: float = 60.0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    before_move: Callable[[], Awaitable[object]] = _nothing
    """What happens before the next move."""

    async def emptied(self) -> None:
        await self.gone.wait()

    async def stands(self, _source: Source) -> Mapping[int, Standing]:
        return {0: Standing(RECORDS.name, 0, self.at, 0, 100)}

    async def move(self, _source: Source, goal: Mapping[int, int]) -> None:
        meanwhile, self.before_move = self.before_move, _nothing
        await meanwhile()
        self.at = goal.get(0, self.at)


def kept(*replays: Replay) -> Plans:
    """Return plans that are kept in a dict."""
    view = {each.id: each for each in replays}

    async def write(*values: Any) -> None:
        view.update({each.id: each for each in values})

    return Plans(view, write, _nothing)
