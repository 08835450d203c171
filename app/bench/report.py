"""What a benchmark found: figures with their machine and versions, and whether the goals are met."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

_PACKAGES: Final = ("freshforce", "aiohttp", "aiokafka", "faust-streaming", "pydantic", "uvloop")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one system."""

    system: str
    metric: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Goal:
    """What was wanted, what came out, and whether that is enough."""

    metric: str
    goal: str
    value: float
    met: bool


def at_least(metric: str, wanted: float, value: float, unit: str = "") -> Goal:
    """Return the goal that `value` is no less than `wanted`."""
    return Goal(metric, f"≥ {wanted:g}{unit}", value, value >= wanted)


def at_most(metric: str, wanted: float, value: float, unit: str = "") -> Goal:
    """Return the goal that `value` is no more than `wanted`."""
    return Goal(metric, f"≤ {wanted:g}{unit}", value, value <= wanted)


def this_machine() -> str:
    """Say on what the figures were taken."""
    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text("utf-8").splitlines() if cpus.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.processor() or platform.machine()
    return f"{os.cpu_count()} x {model}, {platform.system()} {platform.release()}"


def these_versions() -> dict[str, str]:
    """Return the versions of what was measured, and of Python."""
    return {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}}


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one benchmark."""

    name: str
    rows: Sequence[Row]
    goals: Sequence[Goal]
    remarks: Sequence[str] = ()
    """What a reader must know to judge the figures."""
    machine: str = field(default_factory=this_machine)
    versions: dict[str, str] = field(default_factory=these_versions)

    @property
    def met(self) -> bool:
        """Tell whether all goals are met."""
        return all(goal.met for goal in self.goals)

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        keys = ("name", "machine", "versions", "rows", "goals", "remarks")
        whole = asdict(self)
        return {key: whole[key] for key in keys}

    def show(self, console: Console) -> None:
        """Print the figures and the goals for a person."""
        console.print(_figures(self.name, self.rows))
        console.print(_goals(self.goals))
        for remark in self.remarks:
            console.print(f"· {remark}", style="dim")
        console.print(
            f"· {self.machine}; " + ", ".join(f"{k} {v}" for k, v in self.versions.items()), style="dim"
        )


def number(value: float) -> str:
    """Write a figure with as many digits as mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"  # noqa: PLR2004  # three digits


def _figures(name: str, rows: Sequence[Row]) -> Table:
    table = Table("system", "metric", "value", "unit", title=f"freshforce bench {name}")
    table.columns[2].justify = "right"
    before = ""
    for row in rows:
        table.add_row(row.system if row.system != before else "", row.metric, number(row.value), row.unit)
        before = row.system
    return table


def _goals(goals: Sequence[Goal]) -> Table:
    table = Table("goal", "wanted", "measured", "met")
    for goal in goals:
        verdict = "[green]yes[/]" if goal.met else "[red]no[/]"
        table.add_row(goal.metric, goal.goal, number(goal.value), verdict)
    return table
