"""A role's process whose calendar can jump while it runs: the product's own entry, its one clock moved.

Run as `python -m tests.fakes.clock_astray ROLE NAME`, as a role is. ASTRAY names a file with the seconds by
which the clock is off; no file, no difference. Kafka's clients see the same clock (time.time).
"""

import importlib
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.process.role import ROLES, main

AROUND = "tests.fakes.clock_astray"
VARIABLE = "ASTRAY"
TRUE_TIME = time.time


def astray(file: Path) -> dict[str, str]:
    """Return the environment of a process whose clock follows `file`."""
    return {VARIABLE: str(file)}


def seconds() -> float:
    """Return by how much the clock is off now."""
    file = Path(os.environ[VARIABLE])
    return float(file.read_text() or 0) if file.exists() else 0.0


def now() -> datetime:
    """Return what the clock shows."""
    return datetime.fromtimestamp(TRUE_TIME(), UTC) + timedelta(seconds=seconds())


if __name__ == "__main__":
    time.time = lambda: TRUE_TIME() + seconds()
    importlib.import_module(ROLES[sys.argv[1]])._now = now  # type: ignore[attr-defined]
    main()
