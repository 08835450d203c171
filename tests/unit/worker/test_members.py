"""Who is dead: only who certainly is."""

import os
import subprocess
import sys

from app.worker.members import is_dead, name


def an_ended_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_process_that_ended_is_dead() -> None:
    assert is_dead(name(an_ended_process()))


def test_a_process_that_runs_is_not_dead() -> None:
    assert not is_dead(name(os.getpid()))
    assert not is_dead(name(1))


def test_nobody_knows_of_a_process_in_another_container_or_before_the_last_boot() -> None:
    ours = name(an_ended_process())
    _, machine, pid = ours.split("-")

    assert not is_dead(f"freshforce-{machine[::-1]}-{pid}")


def test_other_clients_of_kafka_are_not_ours_to_bury() -> None:
    assert not any(
        map(is_dead, ["faust-0.15.3", "freshforce", "", "freshforce-unknown-999999", f"{name(1)}x"])
    )
