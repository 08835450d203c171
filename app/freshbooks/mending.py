"""A connection that only a person can mend: its questions wait, said once, and go on by themselves."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from streams.domain.errors import Permanent
from streams.domain.identity import ConnectionName

_log = structlog.get_logger(__name__)

FIRST: Final = 15.0
LONGEST: Final = 300.0
"""Seconds between two tries: a person's mend at FreshBooks is noticed within five minutes."""
NAP: Final = 1.0
"""Seconds between two looks at our own settings, which may be the mend."""


@dataclass(slots=True)
class Mending:
    """What one connection's questions know of what a person has to mend."""

    connection: ConnectionName
    _until: float = 0.0
    _tries: int = 0
    _said: set[str] = field(default_factory=set)

    async def wait(self, wrong: Permanent, settings: Callable[[], object]) -> None:
        """Return when it is time to ask again: at growing pauses, or when `settings` tells something new."""
        loop = asyncio.get_running_loop()
        if loop.time() >= self._until:
            self._tries += 1
            self._until = loop.time() + min(LONGEST, FIRST * 2 ** min(self._tries - 1, 8))
            self._say(wrong)
        before = settings()
        while (left := self._until - loop.time()) > 0:
            await asyncio.sleep(min(left, NAP))
            if settings() != before:
                self._until = loop.time()

    def well(self) -> None:
        """Note that FreshBooks answered: what was wrong is mended."""
        if self._tries:
            _log.info("freshbooks.mended", connection=self.connection, causes=sorted(self._said))
            self._tries, self._until = 0, 0.0
            self._said.clear()

    def _say(self, wrong: Permanent) -> None:
        if wrong.code in self._said:
            return
        self._said.add(wrong.code)
        _log.error(
            "freshbooks.needs_mending",
            connection=self.connection,
            code=wrong.code,
            why=str(wrong),
            mend=wrong.mend,
        )
