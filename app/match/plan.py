"""What a decision brings about, before it is made."""

from dataclasses import dataclass

from app.match.moves import Moves
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import MatchState


@dataclass(frozen=True, slots=True)
class Plan:
    """What a decision brings about."""

    client: ClientId
    state: MatchState
    account: SalesforceId | None
    says: str
    moves: Moves | None = None
    """What leaves the Account that the client is now; None when it is none yet."""
    done: bool = False
    """It is so already."""
    to: ClientId | None = None
    """The client whose Account it is to share."""
    leaves: ClientId | None = None
    """The client whose Account it is to share no longer."""
    overwrites: tuple[str, ...] = ()
    """The org's own fields of an Account that gets the client's values from now on."""

    @property
    def of_joined(self) -> bool:
        """Tell whether it is about sharing an Account: then the log tells which rows differ."""
        return self.to is not None or self.leaves is not None
