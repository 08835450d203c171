"""The demo's result in figures, and whether it is good."""

from dataclasses import asdict, dataclass
from typing import Any

from app.demo.judge import Difference
from app.demo.progress import Progress


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened to what FreshBooks was told we have. The names are those of `--json`."""

    accepted: int
    """Webhooks answered 2xx."""
    records: int
    applied: int
    unchanged: int
    superseded: int
    parked: int
    """Still waiting at the end."""
    dead_letters: int
    lost: int
    """Accepted webhooks that are not in freshforce.events, and rows that are not in Salesforce."""
    wrong: int
    """Rows that differ from FreshBooks, and rows that are there twice."""
    salesforce_calls: int
    seconds: float

    @property
    def good(self) -> bool:
        """Tell whether nothing was lost and nothing is wrong."""
        return not (self.lost or self.wrong or self.parked or self.dead_letters)

    def plain(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted outside the audit topic."""

    accepted: int
    missing: int
    """Accepted webhooks that the log does not have."""
    calls: int
    seconds: float


def summed_up(progress: Progress, differences: list[Difference], counted: Counted) -> Summary:
    """Return the figures."""

    def of(step: str, *said: str) -> int:
        return sum(progress.verdicts[f"{step}:{verdict}"] for verdict in said)

    lost_rows = sum(difference.lost for difference in differences)
    return Summary(
        accepted=counted.accepted,
        records=of("translate", "translated", "unchanged", "superseded", "dead-letter"),
        applied=of("deliver", "applied"),
        unchanged=of("deliver", "unchanged"),
        superseded=of("deliver", "superseded") + of("translate", "superseded"),
        parked=progress.parked,
        dead_letters=sum(count for name, count in progress.verdicts.items() if name.endswith(":dead-letter")),
        lost=counted.missing + lost_rows,
        wrong=len(differences) - lost_rows,
        salesforce_calls=counted.calls,
        seconds=round(counted.seconds, 1),
    )
