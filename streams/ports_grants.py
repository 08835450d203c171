"""What the keeper of the grants asks of the world. Seals and HTTP are behind these ports."""

from dataclasses import dataclass
from typing import Protocol

from streams.domain.audit import Verdict
from streams.domain.grant import RefreshAsked, Sealed, Side, VerifierOffered
from streams.domain.identity import ConnectionName


@dataclass(frozen=True, slots=True)
class Kept:
    """The grant stays as it is."""

    verdict: Verdict
    rule: str
    trouble: bool = False
    """Nothing is decided: it will be asked again, perhaps for hours."""


@dataclass(frozen=True, slots=True)
class Changed:
    """The grant's next generation."""

    sealed: Sealed
    verdict: Verdict
    rule: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """It cannot be said yet: the request goes back to the end of the queue."""

    first: RefreshAsked | None = None
    """What must come first. Waiting here could wait for ever: the queue behind may hold the very cure."""


Renewal = Changed | Kept | Postponed


class GrantsNow(Protocol):
    """The grants topic as it stands."""

    async def newest(self, connection: ConnectionName, side: Side) -> Sealed | None:
        """Return the newest grant, after reading all that the topic holds by now; None when there is none."""
        ...

    async def put(self, sealed: Sealed) -> bool:
        """Write a record; return, when it is durable and read again, whether it is the newest that counts.

        Raises:
            Transient: Kafka does not answer; it may have been written. Putting it again is safe.
        """
        ...


class Issuer(Protocol):
    """FreshBooks, where grants come from.

    No method raises for what FreshBooks or the network does: that is an answer, too.
    """

    def spends(self, current: Sealed) -> str | Kept:
        """Return the digest of the refresh token that a renewal would spend, or why there is none."""
        ...

    async def refresh(self, current: Sealed) -> Renewal:
        """Trade the refresh token of `current` for a new pair; it works once, so nobody else may do this."""
        ...

    async def confirm(self, current: Sealed, offered: VerifierOffered) -> Renewal:
        """Ask FreshBooks whether the offered verifier is its own; only then does it join `current`."""
        ...
