"""Result: what became of a command."""

from enum import StrEnum
from typing import Literal

from streams.domain.command import SObject
from streams.domain.identity import CommandId, SalesforceId
from streams.domain.message import Value


class Outcome(StrEnum):
    """How a command ended. Parked is not an end: it waits for its parent."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    PARKED = "parked"
    DEAD_LETTER = "dead-letter"


class Result(Value):
    """What became of one command."""

    kind: Literal["result"] = "result"
    command: CommandId
    outcome: Outcome
    sobject: SObject
    external_id: str
    version: int
    salesforce_id: SalesforceId | None = None
    created: bool | None = None
    code: str = ""
    """Salesforce's status code where it refused; ours where a row waits, or there is none."""
    fields: tuple[str, ...] = ()
    """The fields that Salesforce named."""
