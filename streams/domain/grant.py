"""Grants: credentials with their tokens, and what is asked of their one keeper.

On the wire a grant is sealed: `Sealed` is all that Kafka sees; what is inside is known to the vault alone.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from streams.domain.audit import Verdict
from streams.domain.identity import Connected, ConnectionName, digest
from streams.domain.message import Value


class Side(StrEnum):
    """Which credential of a connection; each is kept and renewed apart from the others."""

    FRESHBOOKS = "freshbooks"
    SALESFORCE = "salesforce"
    WEBHOOKS = "webhooks"
    CONSENT = "consent"
    """A consent that was asked for; it lives from the question until the code is traded."""


def grant_key(connection: ConnectionName, side: Side) -> str:
    """Return the key of a grant: its owner's partition follows from it."""
    return f"{connection}:{side.value}"


class Sealed(Value):
    """An encrypted grant. `generation` rises with every change of what is inside.

    A record counts only when it follows the one that counted before it (streams.domain.succession): so
    whoever comes late, a frozen worker for one, changes nothing.
    """

    kind: Literal["grant"] = "grant"
    connection: Connected
    side: Side
    generation: Annotated[int, Field(ge=1)]
    key_id: str
    nonce: bytes
    ciphertext: bytes
    written_at: AwareDatetime
    follows: str = ""
    """The mark of the record that this one was made from; empty for the first of all."""
    started: str = ""
    """Digest of the refresh token that `owner` is trading in just now, or died of trading in."""
    owner: str = ""
    """Who wrote `started`: nobody else may trade while that stands."""
    cause: str = ""
    """Id of the request that led to this generation."""
    verdict: Verdict | None = None
    """What the keeper decided about `cause`."""

    @property
    def key(self) -> str:
        """One record per connection and side; the newest stands."""
        return grant_key(self.connection, self.side)

    @property
    def mark(self) -> str:
        """Names this very record: a key uses a nonce once, and a start is a copy of what it starts from."""
        return digest("grant", self.key, self.key_id, self.nonce.hex(), self.started, self.owner)


class RefreshAsked(Value):
    """The token of `generation` was refused or is about to expire: please renew it, once."""

    kind: Literal["refresh-asked"] = "refresh-asked"
    id: str
    connection: Connected
    side: Side
    generation: int

    @property
    def key(self) -> str:
        """Asks of one grant queue at its one keeper."""
        return grant_key(self.connection, self.side)


class VerifierOffered(Value):
    """Somebody posted a verifier to a callback's path; only FreshBooks' API can confirm who it was."""

    kind: Literal["verifier-offered"] = "verifier-offered"
    id: str
    connection: Connected
    side: Literal[Side.WEBHOOKS] = Side.WEBHOOKS
    path: str
    callback_id: int
    key_id: str
    nonce: bytes
    ciphertext: bytes
    """The verifier, sealed: until confirmed it is a secret like any other."""

    @property
    def key(self) -> str:
        """Offers queue at the keeper of the connection's verifiers."""
        return grant_key(self.connection, self.side)


GrantRequest = Annotated[RefreshAsked | VerifierOffered, Field(discriminator="kind")]
