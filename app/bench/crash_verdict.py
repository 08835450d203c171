"""What a crash run has shown, in figures, and whether that is good."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.bench.crash_history import Relapse
from app.bench.crash_trail import Endings
from app.bench.report import Report, Row, at_least, at_most
from app.demo.judge import Difference

SHOWN: Final = 12
"""Findings of each kind that are spelled out."""
EXPECTED: Final = frozenset({0, 70, -9, -15})
"""How workers may end: in order, by their own fail-stop, killed, told to stop before they had begun."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted on the way."""

    kills: Counter[str]
    """SIGKILL by victim."""
    extras: Counter[str]
    """Other signals by name."""
    at_work: int
    """Workers that were ready when they were struck."""
    acts: int
    accepted: int
    missing: int
    """Webhooks answered 2xx that the events topic does not have."""
    lag: int
    codes: Counter[int]
    """Exit codes of the workers."""
    writes: int
    """Writes to rows of Salesforce, each of which was traced to its command."""
    storm: float
    """Seconds of kills."""
    healing: float
    """Seconds from the last kill until all was worked off."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run, judged."""

    seed: int
    wanted: int
    """Kills that the run was to have."""
    counted: Counted
    differences: Sequence[Difference]
    endings: Endings
    relapses: Sequence[Relapse]
    waiting: int = 0
    """Commands that are still parked."""

    def zeros(self) -> Iterator[tuple[str, int]]:
        """Yield what must be nothing, by name."""
        doubles = [d for d in self.differences if d.field == "row" and not d.lost]
        lost = [d for d in self.differences if d.lost]
        dead = sum(n for name, n in self.endings.verdicts.items() if name.endswith(":dead-letter"))
        yield "accepted webhooks that are not in the events topic", self.counted.missing
        yield "rows lost", len(lost)
        yield "rows there twice", len(doubles)
        yield "rows that differ from FreshBooks", len(self.differences) - len(lost) - len(doubles)
        yield "stale overwrites", len(self.relapses)
        yield "messages without an end", len(self.endings.open)
        yield "messages with two ends", len(self.endings.twice)
        yield "dead letters", dead
        yield "commands still parked", self.waiting
        yield "messages behind", self.counted.lag
        yield (
            "workers that ended in another way",
            sum(n for c, n in self.counted.codes.items() if c not in EXPECTED),
        )

    @property
    def killed(self) -> int:
        """Processes killed with SIGKILL."""
        return self.counted.kills.total()

    @property
    def good(self) -> bool:
        """Tell whether all kills were made, and nothing was lost, wrong, stale or left over."""
        return self.killed >= self.wanted and not any(count for _, count in self.zeros())

    def findings(self) -> Iterator[str]:
        """Yield what went wrong, a line each."""
        for difference in self.differences[:SHOWN]:
            what = f"{difference.expected} expected, {difference.found} found"
            yield f"{difference.row} {difference.field}: {what}"
        yield from map(str, self.relapses[:SHOWN])
        yield from (f"no end: {each}" for each in self.endings.open[:SHOWN])
        yield from (f"two ends: {each}" for each in self.endings.twice[:SHOWN])


def report(verdict: Verdict, home: Path) -> Report:
    """Return the verdict as a benchmark's report; `home` is where the logs are."""
    goals = [at_least("processes killed with SIGKILL", verdict.wanted, verdict.killed)]
    goals += [at_most(name, 0, count) for name, count in verdict.zeros()]
    remarks = (
        f"seed {verdict.seed} plays the same kills again; the logs are in {home}",
        "workers ended with the codes " + _spelled(verdict.counted.codes),
        *verdict.findings(),
    )
    return Report("crash", [Row("freshforce", *row) for row in _rows(verdict)], goals, remarks)


def _rows(verdict: Verdict) -> Iterator[tuple[str, float, str]]:
    counted, said = verdict.counted, verdict.endings.verdicts
    yield from ((f"kill -9 of {name}", count, "") for name, count in sorted(counted.kills.items()))
    yield from ((f"{name} to a worker", count, "") for name, count in sorted(counted.extras.items()))
    yield "workers struck at work, the others while they started", counted.at_work, ""
    yield "changes in FreshBooks", counted.acts, ""
    yield "webhooks answered 2xx", counted.accepted, ""
    yield from ((name, count, "") for name, count in sorted(said.items()))
    yield "writes to Salesforce's rows", counted.writes, ""
    yield "storm", round(counted.storm, 1), "s"
    yield "worked off after", round(counted.healing, 1), "s"


def _spelled(codes: Counter[int]) -> str:
    return ", ".join(f"{code} ({count} times)" for code, count in sorted(codes.items()))
