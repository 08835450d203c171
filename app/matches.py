"""The matches as they stand in Kafka, and the way to write new ones."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.kafka.compacted import CompactedView
from streams.codec import decode
from streams.domain.identity import ClientId, ConnectionName
from streams.domain.joined import Joined
from streams.domain.match import Match
from streams.domain.matches import joined
from streams.topics import MATCHES


@dataclass(frozen=True, slots=True)
class KeptMatches:
    """All matches, current while this is open."""

    matches: CompactedView[Match]
    write: Callable[..., Awaitable[None]]
    """Puts values into Kafka, in order; returns when they are acknowledged."""

    async def caught_up(self) -> None:
        """Return when all that had been written at the moment of this call is seen here."""
        await self.matches.caught_up()

    def of(self, connection: ConnectionName, client: ClientId) -> Joined | None:
        """Return whose Account a client shares; None when nobody ever said anything of it."""
        return joined(self.matches, connection, client)


@asynccontextmanager
async def open_matches(
    options: Mapping[str, Any], write: Callable[..., Awaitable[None]]
) -> AsyncIterator[KeptMatches]:
    """Lend the matches of an installation; `options` come from `client_options`, `write` from its registry.

    Raises:
        TopicMissing: the topic does not exist; create it.
    """
    view = CompactedView(MATCHES.name, options, partial(decode, Match))
    await view.start()
    try:
        yield KeptMatches(view, write)
    finally:
        await view.stop()
