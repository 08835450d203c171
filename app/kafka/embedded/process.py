"""A process that outlives its starter: started, found again by its pid file, stopped."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

POLL = 0.05


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process known by its pid file. `mark` is a word of its command line: pids are used again."""

    pid_file: Path
    mark: str

    def spawn(self, command: list[str], output: Path) -> int:
        """Start `command` in a session of its own, its output appended to `output`; return the pid."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        files = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=files, setsid=True)
        self.pid_file.write_text(str(pid))
        _await_command_line(pid)
        return pid

    def pid(self) -> int | None:
        """Return the pid of the process when it runs, else None; a stale pid file means nothing."""
        try:
            pid = int(self.pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _alive(pid) and self.mark in _command_line(pid) else None

    def stop(self, patience: float) -> None:
        """End the process: kindly, and after `patience` seconds by force."""
        pid = self.pid()
        if pid is not None:
            _signal(pid, signal.SIGTERM)
            if not _gone_within(pid, patience):
                self.kill()
        self.pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process as a power cut would."""
        pid = self.pid()
        if pid is not None:
            _signal(pid, signal.SIGKILL)
            _gone_within(pid, 5)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def _alive(pid: int) -> bool:
    """Tell whether `pid` runs; our own ended child is buried on the way."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, hence not ours
        return False
    return not _state(pid).startswith("Z")  # ended, waiting for its parent to notice


def _await_command_line(pid: int) -> None:
    """Wait out the moment in which a spawned process has no command line yet, and so no mark."""
    deadline = time.monotonic() + 1
    while not _command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.001)


def _command_line(pid: int) -> str:
    """Return the command line of `pid`: from /proc, or from ps where there is none."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return _ps("command", pid)


def _state(pid: int) -> str:
    """Return the state of `pid`: Z for one that ended and was not buried."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    return _ps("state", pid)


def _ps(what: str, pid: int) -> str:
    command = ["/bin/ps", "-o", f"{what}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, check=False, text=True).stdout  # noqa: S603 - ours
