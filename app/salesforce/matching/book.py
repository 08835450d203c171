"""Where matches are written down: durable, seen by all processes, and read up to date before it counts."""

from collections.abc import Awaitable, Mapping
from typing import Protocol

from streams.domain.match import Match


class MatchBook(Protocol):
    """All matches, and the way to add to them."""

    @property
    def matches(self) -> Mapping[str, Match]:
        """The newest word of each author on each client, by `Match.key`."""
        ...

    async def caught_up(self) -> None:
        """Return when `matches` shows all that anybody had written at the moment of this call."""
        ...

    def write(self, *matches: Match) -> Awaitable[None]:
        """Write matches down; return when they are durable.

        Raises:
            Unreachable: write all of them again.
        """
        ...
