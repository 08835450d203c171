"""Events by day and object, and the newest of each: what a report keeps of events that go by."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Final

from app.view.fates import Fate, Told
from streams.domain.identity import ObjectKind

IN_STEP: Final = (Fate.WRITTEN, Fate.UNCHANGED)
"""What Salesforce has."""


@dataclass(frozen=True, slots=True)
class Line:
    """What FreshBooks told of one kind of object on one day (UTC), and what became of it by now."""

    day: date
    object: str
    fates: Counter[Fate]

    @property
    def events(self) -> int:
        """How many events came in: each has one fate."""
        return self.fates.total()


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of one kind of object within the period of the report."""

    object: str
    told: Told
    """What FreshBooks has last told."""
    in_step: Told | None
    """The newest of it that Salesforce has."""


@dataclass(slots=True)
class Standing:
    """How the events stand that were taken so far: as large as the days are many, not as the events."""

    _counts: dict[tuple[date, str], Counter[Fate]] = field(default_factory=dict)
    _told: dict[str, Told] = field(default_factory=dict)
    _in_step: dict[str, Told] = field(default_factory=dict)

    def take(self, told: Told) -> None:
        """Count an event."""
        day = told.at.astimezone(UTC).date()
        self._counts.setdefault((day, told.object), Counter())[told.fate] += 1
        _keep(self._told, told)
        if told.fate in IN_STEP:
            _keep(self._in_step, told)

    @property
    def lines(self) -> list[Line]:
        """The counts by day and object, in that order."""
        return [Line(day, kind, self._counts[day, kind]) for day, kind in sorted(self._counts)]

    @property
    def newest(self) -> list[Newest]:
        """The newest of each kind of object that was told of."""
        kinds = [kind.value for kind in ObjectKind if kind.value in self._told]
        return [Newest(kind, self._told[kind], self._in_step.get(kind)) for kind in kinds]


def _keep(newest: dict[str, Told], told: Told) -> None:
    """Keep the later one; of two of one moment the one that was told last."""
    if told.object not in newest or told.at >= newest[told.object].at:
        newest[told.object] = told
