"""What the questions of one connection share: a pace, a number of turns, a doubt about its token."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from app.freshbooks.bucket import Bucket
from app.freshbooks.refused import API
from streams.domain.errors import Unreachable

AT_ONCE: Final = 8
"""Questions open at a time per connection."""
PAUSE: Final = 300.0
"""Seconds before a token that was refused although fresh is renewed once more."""


@dataclass(slots=True)
class Lane:
    """What the questions of one connection share."""

    bucket: Bucket
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _refused: int = 0
    """The generation whose token was refused although it had just been renewed."""
    _until: float = 0.0

    def fresh_refused(self, generation: int) -> None:
        """Remember that renewing did not help, so that nobody renews again and again."""
        self._refused, self._until = generation, asyncio.get_running_loop().time() + PAUSE

    def doubt(self, generation: int) -> None:
        """Allow a renewal of `generation`.

        Raises:
            Unreachable: it was renewed a moment ago and that did not help: wait.
        """
        if generation == self._refused and asyncio.get_running_loop().time() < self._until:
            raise Unreachable(API, "a fresh token was refused")
