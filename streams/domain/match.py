"""Match: which Salesforce Account a FreshBooks client is, who said so, and why."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from streams.domain.identity import ClientId, Connected, ConnectionName, SalesforceId, client_key
from streams.domain.message import Value


class MatchState(StrEnum):
    """How the question stands."""

    PROPOSED = "proposed"
    """A person must say: the client's rows wait."""
    LINKED = "linked"
    """It is `account`."""
    SEPARATE = "separate"
    """It is none that was there: it gets an Account of its own."""
    UNDONE = "undone"
    """It was linked or joined and should not have been: it gets an Account of its own."""
    JOINED = "joined"
    """It is the same customer as the client `to`, and shares the Account of that one."""


class MatchAuthor(StrEnum):
    """Who says it; each has a place of its own, so that a late proposal never overwrites a decision."""

    DELIVER = "deliver"
    PERSON = "person"


class Candidate(Value):
    """An Account that the client may be: its id and why, nothing personal."""

    account: SalesforceId
    score: Annotated[int, Field(ge=0, le=100)]
    sure: bool = False
    reasons: tuple[str, ...] = ()


class Match(Value):
    """What was found or decided of one client; the newest of each author stands."""

    kind: Literal["match"] = "match"
    id: str
    connection: Connected
    client: ClientId
    author: MatchAuthor
    actor: str
    """Who, in words: `freshforce`, or the name of the person."""
    state: MatchState
    account: SalesforceId | None = None
    to: ClientId | None = None
    """Of a joined client: whose Account it shares."""
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""
    asked: str = ""
    """Hash of what the candidates were looked for by: they stand while it is the same."""
    after: str = ""
    """Id of the decision that this finding comes after, where there was one: it could not be carried out."""
    at: AwareDatetime

    @property
    def key(self) -> str:
        """One place for each client and author."""
        return match_key(self.connection, self.client, self.author)


def match_key(connection: ConnectionName, client: ClientId, author: MatchAuthor) -> str:
    """Return the key under which an author's word on a client is kept."""
    return f"{client_key(connection, client)}:{author.value}"
