"""What one sees while it runs: each step with what it has done, how fast, and what is left."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from app.demo.progress import Progress
from streams.topics import COMMANDS, EVENTS, RECORDS, Topic

BAR: Final = 24


class Worked(NamedTuple):
    """A step and the topic it works off."""

    step: str
    topic: Topic
    says: str


STEPS: Final = (
    Worked("fetch", EVENTS, "reads what changed from FreshBooks"),
    Worked("translate", RECORDS, "books it and derives the rows"),
    Worked("deliver", COMMANDS, "brings the rows to Salesforce"),
)


def flow(doing: str, progress: Progress, before: Progress, seconds: float) -> RenderableType:
    """Return the live display; rates are those since `before`, so many seconds ago."""
    table = Table.grid(padding=(0, 2), pad_edge=True)
    for justify in ("left", "left", "right", "right", "right", "left"):
        table.add_column(justify=justify)
    table.add_row("[dim]step", "", "[dim]done", "[dim]of", "[dim]a second", "")
    for row in _rows(progress, before, max(seconds, 0.001)):
        table.add_row(*row)
    return Group(Text(f"         FreshBooks: {doing}", style="bold"), table, _verdicts(progress))


def _rows(progress: Progress, before: Progress, seconds: float) -> Iterator[tuple[RenderableType, ...]]:
    came = progress.ends[EVENTS.name]
    yield (
        "ingress",
        "",
        str(came),
        "",
        _rate(came - before.ends[EVENTS.name], seconds),
        "keeps each webhook",
    )
    for step, topic, says in STEPS:
        done, ends = progress.done[topic.name], progress.ends[topic.name]
        bar = ProgressBar(total=max(ends, 1), completed=done, width=BAR)
        rate = _rate(done - before.done[topic.name], seconds)
        yield step, bar, str(done), str(ends), rate, says


def _rate(count: int, seconds: float) -> str:
    return f"{max(count, 0) / seconds:.0f}"


def _verdicts(progress: Progress) -> Text:
    """Say what became of the rows so far."""
    said = {
        name: progress.verdicts[f"deliver:{name}"]
        for name in ("applied", "unchanged", "superseded", "dead-letter")
    }
    said["parked now"] = progress.parked
    return Text("         rows: " + ", ".join(f"{count} {name}" for name, count in said.items()), style="dim")
