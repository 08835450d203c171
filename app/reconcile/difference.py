"""What a reconciliation finds: differences, and what only looks like one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from streams.domain.identity import ObjectKind


class Sort(StrEnum):
    """How two sides differ."""

    MISSED_WEBHOOK = "missed webhook"
    """FreshBooks has it, or a newer version of it; the log has not."""
    MISSED_DELETE = "missed delete"
    """The log or Salesforce has it; FreshBooks has not."""
    UNKNOWN_CHANGE = "unknown change in Salesforce"
    """Fields of ours are not as we sent them."""
    DRIFT = "drift"
    """Salesforce acknowledged it and has no such row."""
    NOT_COMPARED = "not compared"
    """Today's mapping has no result for a client: what its rows should be, nobody can say."""


class Why(StrEnum):
    """What explains that sides differ: no difference, it is known and on its way, or waits for somebody."""

    IN_FLIGHT = "in flight"
    PARKED = "waits"
    DEAD = "dead letter"
    OTHER_MAPPING = "of another mapping"
    """What today's mapping wants was never sent, and nothing that is under way will send it."""


class Named(NamedTuple):
    """One FreshBooks object, the thing that is traced."""

    kind: ObjectKind
    number: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which the sides differ, named once."""

    sort: Sort
    named: Named
    says: str
    row: str = ""
    """The Salesforce row, where the difference lies there: object and external id."""
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Name → what was last sent, what Salesforce has."""
    stamp: str = ""
    """Names the state that was found, so that the same finding is the same event."""

    @property
    def mendable(self) -> bool:
        """Tell whether an event puts it right; a mapping is mended by a person."""
        return self.sort is not Sort.NOT_COMPARED

    @property
    def lies_in_salesforce(self) -> bool:
        """Tell whether a row has to be sent although the log takes it for delivered."""
        return self.sort in {Sort.UNKNOWN_CHANGE, Sort.DRIFT}


@dataclass(frozen=True, slots=True)
class Explained:
    """One thing in which the sides differ for a reason that is known."""

    why: Why
    named: Named
    says: str
    row: str = ""
