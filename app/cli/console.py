"""Where people look: their terminal, or a file wide enough for our tables."""

import os
import sys
from typing import Final

from rich.console import Console

WIDTH: Final = 150
"""Columns where there is no terminal to ask: a log should not break what a screen would not."""

LIGHTS: Final = {True: "[green]✓[/green]", False: "[red]✗[/red]"}
"""Told apart without colours, too: in a log, by a pipe, by eyes that see none."""


def console(*, quiet: bool = False) -> Console:
    """Return the console of a command; where there is no screen, COLUMNS may say how wide to write."""
    told = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(quiet=quiet, width=None if told else WIDTH)
