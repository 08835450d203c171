"""The stand: a broker of its own, its load beside it, and each system under test alone on one core."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.bench.contenders import LOAD_CPU, TEST_CPU
from app.kafka.embedded import single

STOP_PATIENCE: Final = 15.0
SHARED: Final = "Time in which other processes kept a system off its core is taken out, except by the clock."
"""On a quiet machine there is none."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where systems are measured, one after the other."""

    folder: Path
    kafka: str

    @property
    def options(self) -> dict[str, str]:
        """How clients reach the broker."""
        return {"bootstrap_servers": self.kafka, "security_protocol": "PLAINTEXT"}

    @contextmanager
    def under_test(
        self, module: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a module in a process of its own on the core for systems; it is stopped in the end."""
        log = self.folder / f"{module.rpartition('.')[2]}.log"
        with log.open("ab") as said, _on({TEST_CPU}):
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", module, *arguments],
                env=dict(os.environ) | dict(environment or {}) | {"TMPDIR": str(self.folder)},
                stdout=said,
                stderr=said,
            )
        try:
            yield process
        finally:
            _stop(process)


@contextmanager
def stand() -> Iterator[Stand]:
    """Lend a stand; the caller feeds and looks on from the broker's core."""
    with TemporaryDirectory(prefix="freshforce-bench-") as folder, _on({LOAD_CPU}):
        home = Path(folder) / "kafka"
        try:
            yield Stand(Path(folder), single.start(home, 0))
        finally:
            single.stop(home)


def cpu_of(pid: int) -> float:
    """Return the seconds of processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited(pid: int) -> float:
    """Return the seconds that a process stood ready while others had its core: not its fault."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def resident(pid: int, what: str = "VmRSS") -> int:
    """Return the bytes that a process holds in memory, now (VmRSS) or at its peak (VmHWM)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (found,) = (line for line in lines if line.startswith(f"{what}:"))
    return int(found.split()[1]) << 10


@contextmanager
def _on(cores: set[int]) -> Iterator[None]:
    """Stay on `cores`, with every process that is started meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
