"""Counting what the audit says: each entry once, and which rows still wait."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from streams.domain.audit import Step, Verdict

ENDS: Final = (Verdict.APPLIED, Verdict.UNCHANGED, Verdict.SUPERSEDED, Verdict.DEAD_LETTER)
"""What ends a command; a parked one has no end yet."""


@dataclass(slots=True)
class Tally:
    """What was said so far."""

    verdicts: Counter[str] = field(default_factory=Counter)
    """How often a step said what: `deliver:applied`."""
    _seen: set[str] = field(default_factory=set)
    _parked: set[str] = field(default_factory=set)
    _ended: set[str] = field(default_factory=set)

    @property
    def parked(self) -> int:
        """Commands that were parked and have no end yet: released ones are on their way again."""
        return len(self._parked - self._ended)

    def count(self, entry: Mapping[str, Any]) -> None:
        """Count an audit entry, unless it is a repeat."""
        if entry["id"] in self._seen:
            return
        self._seen.add(entry["id"])
        step, verdict, cause = entry["step"], entry["verdict"], entry["cause"]
        self.verdicts[f"{step}:{verdict}"] += 1
        if verdict == Verdict.PARKED:
            self._parked.add(cause)
        elif step == Step.DELIVER and verdict in ENDS:
            self._ended.add(cause)
