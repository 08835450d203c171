"""How far a long command is: a bar on stderr that leaves stdout alone."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn


def progress(*, hidden: bool = False) -> Progress:
    """Return a bar on stderr: stdout may be a file, or the rows themselves."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(
        *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, disable=hidden
    )


def following(bar: Progress, task: TaskID) -> Callable[[int, int], None]:
    """Return what moves the bar: it hears how much is done, of how much."""
    return lambda done, total: bar.update(task, completed=done, total=total)
