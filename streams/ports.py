"""What the steps ask of the world, in the steps' words. Adapters in `app` fit these without inheriting."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from streams.domain.command import Command, Field
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ConnectionName, ObjectKind, SalesforceId
from streams.domain.joined import Joined
from streams.domain.snapshot import Snapshot

State = MutableMapping[bytes, bytes]
"""A table of the step's partition: in the worker a Kafka-backed one, in tests a dict."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What FreshBooks said of an object."""

    snapshot: Snapshot
    changed_at: datetime
    """Aware; equal to `read_at` for a deleted or missing object (streams.domain.version)."""
    read_at: datetime
    told_at: datetime | None = None
    """When the log told it, where FreshBooks is not asked any more and had said so at `read_at`."""


class Books(Protocol):
    """FreshBooks, as fetch needs it."""

    async def read(self, connection: ConnectionName, kind: ObjectKind, object_id: int) -> Reading:
        """Return the object as it is now; `Gone` when FreshBooks does not know it.

        Waits through rate limits, outages and expired tokens for as long as they last.

        Raises:
            Removed: the connection was removed: the event ends.
            Permanent: reading it again will not help (refused, unreadable answer): bury the event.
        """
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """Salesforce took the row."""

    salesforce_id: SalesforceId
    created: bool
    notes: tuple[str, ...] = ()
    """What was cut or left out to fit the org, in words, for the audit."""


@dataclass(frozen=True, slots=True)
class ParentMissing:
    """The row refers to a parent that Salesforce does not have (yet)."""

    code: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """Salesforce will never take the row as it is."""

    code: str
    reason: str
    mend: str
    fields: tuple[str, ...] = ()


NO_OPPORTUNITY: Final = "no-opportunity"
"""Code of lines of which our user sees no Opportunity: what was refused of them has gone nowhere."""


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no row for it in Salesforce, and none is to be made; asked again, there may be."""

    why: str
    code: str = ""
    """Where there should be one: what is known of that."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A newer command for the same row took its place while it waited."""

    by: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Salesforce refused an earlier row of the client while this one waited to be sent: it was not."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    """What it was to hold, with what older states were to hold whose place it took on its way."""


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The connection was removed before the row was sent."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows yet which Account the client is: a person must say, and its rows wait until then."""

    reason: str


Answer = Applied | ParentMissing | Rejected | Absent | Replaced | HeldBack | TurnedAway | Undecided


class Rows(Protocol):
    """Salesforce, as deliver needs it: rows go in, each gets its own answer."""

    async def write(self, command: Command) -> Answer:
        """Upsert the command's row by its external id and return what Salesforce said of it.

        The adapter gathers rows into collections upserts, sends parents first, keeps the order per
        client, and waits through outages, locks, limits and dead sessions for as long as they last.
        """
        ...

    async def introduce(self, command: Command) -> Answer:
        """Write an Account that we never delivered: find first whether the org has it under another name.

        `Undecided` when a person must say. What refers to the Account is written after the answer.
        """
        ...


class Joins(Protocol):
    """Which clients share an Account, as people decided."""

    def of(self, connection: ConnectionName, client: ClientId) -> Joined | None:
        """Return whose Account a client shares; None when nobody ever said anything of it."""
        ...

    async def caught_up(self) -> None:
        """Return when all is known that had been decided at the moment of this call."""
        ...


class NoJoins:
    """Nobody ever decided anything."""

    def of(self, _connection: ConnectionName, _client: ClientId) -> Joined | None:
        """Say that nothing was decided."""
        return None

    async def caught_up(self) -> None:
        """Return at once."""


NO_JOINS: Final = NoJoins()


class Settings(Protocol):
    """The connections as they are set up now."""

    def __getitem__(self, name: ConnectionName) -> Connection:
        """Return the settings of one connection; KeyError when it does not exist."""
        ...
