"""A book of matches in memory, as app.salesforce.matching.book.MatchBook promises."""

from collections.abc import Callable
from dataclasses import dataclass, field

from streams.domain.match import Match


@dataclass
class FakeMatchBook:
    """The newest word of each author on each client. `meanwhile` is called before it is read up to date."""

    matches: dict[str, Match] = field(default_factory=dict)
    written: list[Match] = field(default_factory=list)
    meanwhile: Callable[[], object] = int

    async def caught_up(self) -> None:
        self.meanwhile()

    async def write(self, *matches: Match) -> None:
        for match in matches:
            self.matches[match.key] = match
            self.written.append(match)
