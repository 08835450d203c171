"""What an incident is made of: one client's records, what Salesforce answered, and what the steps decided."""

from typing import Literal

from pydantic import AwareDatetime, JsonValue

from streams.domain.audit import Step
from streams.domain.connection import Connection
from streams.domain.event import EventSource
from streams.domain.identity import EventId, ObjectKind
from streams.domain.message import Value
from streams.domain.record import Record

Place = tuple[int, int]
"""Of a command: the record that calls for it, and which of that record's rows it is; both count from 0."""


class Answered(Value):
    """What Salesforce, or a person in its place, said of a command once."""

    outcome: Literal["applied", "absent", "parent-missing", "undecided", "refused", "discarded"]
    salesforce_id: str = ""
    created: bool = False
    code: str = ""
    fields: tuple[str, ...] = ()


class Answers(Value):
    """All that was said of one command, in order."""

    place: Place
    content: str
    """Hash of the fields that were sent: a refusal holds for these, not for what a mended mapping makes."""
    said: tuple[Answered, ...]


class Heard(Value):
    """An event by which FreshBooks was asked. The steps begin with the records: this is for the reader."""

    id: EventId
    object: ObjectKind
    object_id: int
    source: EventSource | None
    received_at: AwareDatetime | None


class Decision(Value):
    """What a step made of one message."""

    step: Step
    of: str
    """The record by its id, the row by its object and external id."""
    verdict: str
    why: str = ""
    rows: tuple[dict[str, JsonValue], ...] = ()
    """For a record: the rows that it called for, parents first."""


class Incident(Value):
    """Everything that is needed to go through it again."""

    connection: Connection
    heard: tuple[Heard, ...] = ()
    records: tuple[Record, ...]
    answers: tuple[Answers, ...] = ()
    decided: tuple[Decision, ...] = ()
