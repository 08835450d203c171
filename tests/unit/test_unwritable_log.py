"""A log that cannot be written: on a full disk, or behind a pipe whose reader left."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAYS = "from app import telemetry; import structlog; telemetry.configure(human=False); "
WORKS = SAYS + "structlog.get_logger().info('said'); import os; os._exit(5)"
DIES = SAYS + "from app.process.fail import die; die(RuntimeError('why'))"


def run(code: str, stderr: int) -> int:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=stderr, check=False).returncode


def behind_a_pipe_that_nobody_reads(code: str) -> int:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return run(code, writer)
    finally:
        os.close(writer)


def test_work_goes_on_although_nobody_can_read_of_it() -> None:
    assert behind_a_pipe_that_nobody_reads(WORKS) == 5


def test_what_must_end_ends_with_its_code_although_it_cannot_say_why() -> None:
    assert behind_a_pipe_that_nobody_reads(DIES) == 70
