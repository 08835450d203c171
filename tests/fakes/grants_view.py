"""Fakes the compacted view of the grants topic: what is written is in the view at once."""

import asyncio
from typing import Any

from streams.domain.grant import Sealed
from streams.domain.succession import Succession


class GrantsView(dict[str, Sealed]):
    """A dict that wakes those who wait for a change. `held_back` keeps writes from being seen."""

    def __init__(self, *sealed: Sealed) -> None:
        super().__init__()
        self.succession = Succession()
        self._bell = asyncio.Event()
        self.held_back: list[Sealed] | None = None
        for each in sealed:
            self._take(each)

    async def caught_up(self) -> None:
        for each in self.held_back or ():
            self._take(each)

    def _take(self, sealed: Sealed) -> None:
        if self.succession.counts(sealed.key, sealed):
            self[sealed.key] = sealed

    async def changed(self) -> None:
        await self._bell.wait()

    def put(self, sealed: Sealed) -> None:
        if self.held_back is not None:
            self.held_back.append(sealed)
            return
        self._take(sealed)
        self._bell.set()
        self._bell = asyncio.Event()

    def erase(self, key: str) -> None:
        """Take what a tombstone takes."""
        self.succession.counts(key, None)
        self.pop(key, None)
        self._bell.set()
        self._bell = asyncio.Event()

    async def write(self, *values: Any) -> None:
        """Take what a producer would send; only grants matter here."""
        for value in values:
            if isinstance(value, Sealed):
                self.put(value)
