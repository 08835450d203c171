import os
import sys
import time
from pathlib import Path

import pytest

from app.kafka.embedded.process import Daemon

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)", "the-mark"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
    "the-mark",
]


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    return Daemon(tmp_path / "pid", mark="the-mark")


def _awake(output: Path) -> None:
    while "awake" not in output.read_text():
        time.sleep(0.01)


def test_a_started_process_is_found_by_its_pid_file_and_stopped(daemon: Daemon, tmp_path: Path) -> None:
    pid = daemon.spawn(SLEEPER, tmp_path / "out")

    assert daemon.pid() == pid

    daemon.stop(patience=5)

    assert daemon.pid() is None
    assert not daemon.pid_file.exists()


def test_what_it_says_is_kept(daemon: Daemon, tmp_path: Path) -> None:
    daemon.spawn(SLEEPER, tmp_path / "out")

    _awake(tmp_path / "out")

    daemon.kill()
    assert (tmp_path / "out").read_text() == "awake\n"


def test_one_that_does_not_listen_is_ended_by_force(daemon: Daemon, tmp_path: Path) -> None:
    daemon.spawn(STUBBORN, tmp_path / "out")
    _awake(tmp_path / "out")

    daemon.stop(patience=0.2)

    assert daemon.pid() is None


def test_a_stale_pid_file_is_no_process(daemon: Daemon, tmp_path: Path) -> None:
    daemon.spawn(SLEEPER, tmp_path / "out")
    daemon.kill()

    assert daemon.pid_file.exists()
    assert daemon.pid() is None


@pytest.mark.parametrize("content", ["", "no number"])
def test_a_broken_pid_file_is_no_process(daemon: Daemon, content: str) -> None:
    daemon.pid_file.write_text(content)

    assert daemon.pid() is None


def test_a_pid_that_went_to_another_program_is_not_ours_to_stop(daemon: Daemon) -> None:
    daemon.pid_file.write_text(str(os.getpid()))

    daemon.stop(patience=0)

    assert daemon.pid() is None
