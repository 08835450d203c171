"""The grants as they stand now, opened on demand from the read-only view of their topic."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from app.vault.grants import Inner
from app.vault.seal import KINDS, Sealer
from streams.domain.errors import Permanent
from streams.domain.grant import Sealed, Side, grant_key
from streams.domain.identity import ConnectionName

G = TypeVar("G", bound=Inner)

_LOOK = 1.0
"""Seconds after which a waiter looks again by itself."""


class View(Protocol):
    """The newest grant per key, as app.kafka.compacted.CompactedView follows it."""

    def get(self, key: str, /) -> Sealed | None:
        """Return the newest value of `key`."""
        ...

    def values(self) -> Iterable[Sealed]:
        """Return the newest value of every key."""
        ...

    async def caught_up(self) -> None:
        """Return when all that was in the topic at the time of the call is in the view."""
        ...

    async def changed(self) -> None:
        """Return at the next change of any key."""
        ...


@dataclass(frozen=True, slots=True)
class Held(Generic[G]):
    """An opened grant and which generation of it this is."""

    grant: G
    generation: int


async def _unwritable(_: Sealed) -> None:
    message = "these grants are for reading only"
    raise RuntimeError(message)


@dataclass(slots=True)
class Grants:
    """Opens what the view holds; each ciphertext once."""

    view: View
    sealer: Sealer
    write: Callable[[Sealed], Awaitable[object]] = _unwritable
    """Puts a record into the topic; returns when it is durable."""
    mending: Callable[[], Mapping[str, Sealed | None]] = dict
    """The right records of keys whose last record does not count (streams.domain.succession)."""
    _opened: dict[str, tuple[Sealed, Held[Any]]] = field(default_factory=dict)

    def refuse_closed(self) -> None:
        """Raise unless every grant opens here: who starts without a key would fail in the middle of its work.

        Raises:
            BadKeys: a key is missing; the message names it.
            SealBroken: what a grant holds was altered.
        """
        for sealed in self.view.values():
            self.sealer.open(KINDS[sealed.side], sealed)

    def sealed(self, connection: ConnectionName, side: Side) -> Sealed | None:
        """Return the newest sealed grant, None when there is none (yet)."""
        return self.view.get(grant_key(connection, side))

    def held(self, grant: type[G], connection: ConnectionName, side: Side) -> Held[G] | None:
        """Return the newest grant, opened; None when there is none (yet).

        Raises:
            BadKeys, SealBroken: it cannot be opened here.
        """
        sealed = self.sealed(connection, side)
        if sealed is None:
            return None
        known = self._opened.get(sealed.key)
        if known is None or known[0] is not sealed:
            known = (sealed, Held(self.sealer.open(grant, sealed), sealed.generation))
            self._opened[sealed.key] = known
        return known[1]

    def readable(self, grant: type[G], connection: ConnectionName, side: Side) -> Held[G] | None:
        """Return the newest grant, opened; None when there is none, or it cannot be opened here."""
        try:
            return self.held(grant, connection, side)
        except Permanent:
            return None

    async def put(self, sealed: Sealed) -> bool:
        """Write a record; return, once it is durable and read again, whether it is the newest that counts.

        Raises:
            Unreachable: no broker answers; it may have been written. Putting it again is safe.
        """
        await self.write(sealed)
        await self.view.caught_up()
        if self.view.get(sealed.key) == sealed:
            return True
        await self.mend()
        return False

    async def mend(self) -> None:
        """Write once more what stands before a late record: compaction would keep only that one."""
        for right in self.mending().values():
            if right is not None:
                await self.write(right)

    async def newest(self, connection: ConnectionName, side: Side) -> Sealed | None:
        """Return the newest sealed grant after reading all that the topic holds by now."""
        await self.view.caught_up()
        return self.sealed(connection, side)

    async def change(self, longest: float = _LOOK) -> None:
        """Return when something changed, or after `longest` seconds."""
        try:
            async with asyncio.timeout(longest):
                await self.view.changed()
        except TimeoutError:
            return
