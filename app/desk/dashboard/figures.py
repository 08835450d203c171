"""What the dashboard shows of a connection, from counts by minute. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.view.flow import Counted
from streams.domain.audit import Step, Verdict

MINUTES: Final = 60
WIDTH, HEIGHT = 240, 44
"""Of a curve, in its own units."""


@dataclass(frozen=True, slots=True)
class Card:
    """One connection within the last hour."""

    connection: str
    events: int
    applied: int
    unchanged: int
    superseded: int
    failed: int
    by_minute: tuple[int, ...]
    """Rows that Salesforce took, oldest minute first."""

    @property
    def curve(self) -> str:
        """The points of an SVG polyline, as high as the busiest minute."""
        return curve(self.by_minute)

    @property
    def busiest(self) -> int:
        """Rows of the busiest minute."""
        return max(self.by_minute, default=0)


def cards(connections: Iterable[str], counts: Sequence[Counted], minute: int) -> list[Card]:
    """Return a card for each connection, and for each that is only in the counts, up to `minute`."""
    names = sorted({*connections, *(each.connection for each in counts if each.connection)})
    return [_card(name, [each for each in counts if each.connection == name], minute) for name in names]


def curve(values: Sequence[int]) -> str:
    """Return the points of an SVG polyline through `values`, left to right."""
    most = max([*values, 1])
    step = WIDTH / max(len(values) - 1, 1)
    inner = HEIGHT - 4  # the line has a width, too
    return " ".join(
        f"{place * step:.1f},{HEIGHT - 2 - inner * each / most:.1f}" for place, each in enumerate(values)
    )


def _card(name: str, counts: Sequence[Counted], minute: int) -> Card:
    def total(step: Step | None, verdict: Verdict) -> int:
        fits = (each.count for each in counts if each.verdict == verdict and step in {None, each.step})
        return sum(fits)

    applied = [each for each in counts if each.step == Step.DELIVER and each.verdict == Verdict.APPLIED]
    by_minute = {each.minute: each.count for each in applied}
    return Card(
        connection=name,
        events=total(Step.FETCH, Verdict.FETCHED),
        applied=total(Step.DELIVER, Verdict.APPLIED),
        unchanged=total(Step.DELIVER, Verdict.UNCHANGED),
        superseded=total(None, Verdict.SUPERSEDED),
        failed=total(None, Verdict.DEAD_LETTER),
        by_minute=tuple(by_minute.get(each, 0) for each in range(minute - MINUTES + 1, minute + 1)),
    )
