"""What a set-up finds and does, thing by thing, for a person to read."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How one thing stands."""

    THERE = "there"
    MISSING = "missing"
    DIFFERS = "differs"
    """It exists, but otherwise than we need it: only an admin may change it."""
    BARRED = "not allowed"
    """The run-as user lacks the permission to add it."""
    ADDED = "added"
    REFUSED = "refused"
    """We tried, and Salesforce said no."""
    UNKNOWN = "unknown"
    """The run-as user may not even look."""


WELL = frozenset({State.THERE, State.ADDED})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing: a field, the access to an object, the permission set, its assignment."""

    what: str
    state: State
    says: str = ""
    mend: str = ""

    @property
    def well(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.state in WELL
