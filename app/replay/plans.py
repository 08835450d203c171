"""The replays that were planned, applied, paused: kept in Kafka, so that every machine knows them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.kafka.compacted import CompactedView
from app.kafka.writer import writing
from streams.codec import decode
from streams.domain.errors import Misconfigured
from streams.domain.replay import Replay
from streams.topics import REPLAYS


class NoReplay(Misconfigured):
    """There is no replay of that id, or several begin so."""

    code = "no-replay"
    mend = "see `freshforce replay list`"


@dataclass(frozen=True, slots=True)
class Plans:
    """All replays, current while this is open."""

    view: Mapping[str, Replay]
    write: Callable[..., Awaitable[None]]
    """Puts values into Kafka; returns when they are acknowledged."""
    caught_up: Callable[[], Awaitable[None]]

    def __getitem__(self, named: str) -> Replay:
        """Return a replay by its id, or by how the id begins.

        Raises:
            NoReplay: there is none, or several.
        """
        found = [each for each in self.view.values() if named and each.id.startswith(named)]
        if len(found) != 1:
            message = f"{'no replay is' if not found else 'several replays are'} called {named}"
            raise NoReplay(message)
        return found[0]

    def all(self) -> Sequence[Replay]:
        """Return every replay, the latest first."""
        return sorted(self.view.values(), key=lambda each: each.planned_at, reverse=True)

    async def put(self, replay: Replay, **changes: Any) -> Replay:
        """Keep a replay, changed; return it once everybody can see it."""
        changed = replay.model_copy(update=changes)
        await self.write(changed)
        await self.caught_up()
        return changed


@asynccontextmanager
async def open_plans(options: Mapping[str, Any]) -> AsyncIterator[Plans]:
    """Lend the plans of an installation.

    Raises:
        TopicMissing: run `freshforce topics create` first.
        KafkaAway: no broker answers.
    """
    view = CompactedView(REPLAYS.name, options, partial(decode, Replay))
    async with writing(options) as writer:
        await view.start()
        try:
            yield Plans(view, writer.write, view.caught_up)
        finally:
            await view.stop()
