"""The supervisor on real, tiny processes."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from app.process.supervisor import Backoff, Child, Supervisor, child


def a_child(name: str, program: str, *args: object) -> Child:
    return Child(name, (sys.executable, "-S", "-c", program, *map(str, args)))


UP = "import os; os.close(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY))"
"""No file object: an exit that a signal asks for while one is let go of would be swallowed."""
NOTE = "import sys; open(sys.argv[1], 'a').write('x');"


def ends_with(path: Path, *codes: int) -> Child:
    """Return a child that ends with one code after the other."""
    program = f"{NOTE} n = len(open(sys.argv[1]).read()); sys.exit({list(codes)}[n - 1])"
    return a_child("ends", program, path)


async def test_a_role_that_fails_is_started_again_until_it_ends_by_itself(tmp_path: Path) -> None:
    supervisor = Supervisor([ends_with(tmp_path / "n", 70, 1, 0)], least=0.01)

    code = await asyncio.wait_for(supervisor.run(), 10)

    assert code == 0
    assert (tmp_path / "n").read_text() == "xxx"


@pytest.mark.parametrize("code", [2, 65, 78])
async def test_a_role_that_a_restart_would_not_help_stays_down(tmp_path: Path, code: int) -> None:
    supervisor = Supervisor([ends_with(tmp_path / "n", code, 0)], least=0.01)

    assert await asyncio.wait_for(supervisor.run(), 10) == code
    assert (tmp_path / "n").read_text() == "x"


async def test_a_killed_role_is_started_again(tmp_path: Path) -> None:
    program = (
        f"{NOTE} import os; len(open(sys.argv[1]).read()) > 1 or os.kill(os.getpid(), {signal.SIGKILL:d})"
    )
    supervisor = Supervisor([a_child("killed", program, tmp_path / "n")], least=0.01)

    assert await asyncio.wait_for(supervisor.run(), 10) == 0
    assert (tmp_path / "n").read_text() == "xx"


async def _up(path: Path) -> None:
    async with asyncio.timeout(10):
        while not path.exists():  # noqa: ASYNC110, ASYNC240  # another process writes it
            await asyncio.sleep(0.01)


async def test_the_word_to_stop_is_passed_on_and_a_role_may_finish(tmp_path: Path) -> None:
    program = (
        "import signal, sys, time\n"
        "def end(*_):\n time.sleep(0.2); open(sys.argv[1] + '.done', 'w'); sys.exit(0)\n"
        f"signal.signal(signal.SIGTERM, end); {UP}; time.sleep(60)"
    )
    supervisor = Supervisor([a_child("finishes", program, tmp_path / "up")])
    running = asyncio.create_task(supervisor.run())
    await _up(tmp_path / "up")

    supervisor.stop()

    assert await asyncio.wait_for(running, 10) == 0
    assert (tmp_path / "up.done").exists()


async def test_a_role_that_does_not_stop_in_time_is_killed_and_that_is_told(tmp_path: Path) -> None:
    program = f"import signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); {UP}; time.sleep(60)"
    supervisor = Supervisor([a_child("deaf", program, tmp_path / "up")], drain=0.2)
    running = asyncio.create_task(supervisor.run())
    await _up(tmp_path / "up")

    began = time.monotonic()
    supervisor.stop()

    assert await asyncio.wait_for(running, 10) == -signal.SIGKILL
    assert time.monotonic() - began < 5


async def test_a_role_that_is_gone_when_it_should_be_told_to_stop_has_stopped() -> None:
    """Ctrl-C reaches the whole terminal: roles may end before the supervisor tells them."""
    gone = a_child("gone", "")
    process = await asyncio.create_subprocess_exec(*gone.command)
    await process.wait()
    await asyncio.sleep(0)

    await Supervisor([gone])._end(process, gone)

    assert process.returncode == 0


async def test_a_role_that_waits_for_its_restart_ends_at_once(tmp_path: Path) -> None:
    supervisor = Supervisor([ends_with(tmp_path / "n", *[70] * 9)], least=30)
    running = asyncio.create_task(supervisor.run())
    await _up(tmp_path / "n")
    await asyncio.sleep(0.3)

    supervisor.stop()

    assert await asyncio.wait_for(running, 5) == 0


def test_the_pauses_grow_and_a_good_run_makes_them_short_again() -> None:
    backoff = Backoff(least=1, most=5, good=60)

    pauses = [backoff.after(lived) for lived in (0, 1, 2, 3, 100, 0)]

    assert pauses == [1, 2, 4, 5, 1, 2]


async def test_an_unknown_role_says_so_and_is_not_tried_again() -> None:
    asked = child("butler", "butler")
    process = await asyncio.create_subprocess_exec(*asked.command, stderr=asyncio.subprocess.PIPE)

    _, said = await process.communicate()

    assert process.returncode == 78
    assert b"there is no role butler" in said


async def test_a_role_that_makes_room_for_a_replay_is_started_again_at_once(tmp_path: Path) -> None:
    supervisor = Supervisor([ends_with(tmp_path / "n", 75, 75, 0)], least=30)

    assert await asyncio.wait_for(supervisor.run(), 10) == 0
    assert (tmp_path / "n").read_text() == "xxx"


async def test_whoever_does_not_end_in_order_is_missed(tmp_path: Path) -> None:
    children = [ends_with(tmp_path / "n", 70, 75, 0), a_child("wrong", "import sys; sys.exit(78)")]
    missed = list[str]()

    code = await asyncio.wait_for(Supervisor(children, least=0.01, missed=missed.append).run(), 10)

    assert code == 78
    assert sorted(missed) == ["ends", "ends", "wrong"]
