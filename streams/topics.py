"""Our topics and tables as typed constants, declared in schemas/topics.toml (a test compares them)."""

from dataclasses import dataclass
from typing import Final

from streams.domain.audit import AuditEntry
from streams.domain.command import Command
from streams.domain.connection import Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.event import Event
from streams.domain.grant import RefreshAsked, Sealed, VerifierOffered
from streams.domain.match import Match
from streams.domain.message import Value
from streams.domain.record import Record
from streams.domain.replay import Replay

APP = "freshforce"
"""Consumer group of the workers and prefix of their changelogs."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic of ours: its name and the values it carries."""

    name: str
    values: tuple[type[Value], ...]
    compacted: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A step's state: keyed bytes with a compacted changelog, partitioned as the step's input."""

    name: str
    of: Topic

    @property
    def changelog(self) -> str:
        """Name of the changelog topic, as Faust composes it."""
        return f"{APP}-{self.name}-changelog"


EVENTS: Final = Topic("freshforce.events", (Event,))
RECORDS: Final = Topic("freshforce.records", (Record,))
COMMANDS: Final = Topic("freshforce.commands", (Command,))
AUDIT: Final = Topic("freshforce.audit", (AuditEntry,))
DEADLETTERS: Final = Topic("freshforce.deadletters", (DeadLetter,))
GRANTS: Final = Topic("freshforce.grants", (Sealed,), compacted=True)
GRANT_REQUESTS: Final = Topic("freshforce.grant-requests", (RefreshAsked, VerifierOffered))
CONNECTIONS: Final = Topic("freshforce.connections", (Connection,), compacted=True)
REPLAYS: Final = Topic("freshforce.replays", (Replay,), compacted=True)
MATCHES: Final = Topic("freshforce.matches", (Match,), compacted=True)
TOPICS: Final = (
    EVENTS,
    RECORDS,
    COMMANDS,
    AUDIT,
    DEADLETTERS,
    GRANTS,
    GRANT_REQUESTS,
    CONNECTIONS,
    REPLAYS,
    MATCHES,
)

CLIENTS_OF: Final = Table("clients_of", EVENTS)
LEDGER: Final = Table("ledger", RECORDS)
ID_MAP: Final = Table("id_map", COMMANDS)
PARKED: Final = Table("parked", COMMANDS)
EVENTS_ASIDE: Final = Table("events_aside", EVENTS)
COMMANDS_ASIDE: Final = Table("commands_aside", COMMANDS)
TABLES: Final = (CLIENTS_OF, LEDGER, ID_MAP, PARKED, EVENTS_ASIDE, COMMANDS_ASIDE)
