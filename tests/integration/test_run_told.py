"""`freshforce run` that is told to end, more often than once."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.kafka.embedded import single
from app.process.health import note_of, port_in
from tests.builders.waiting import until


@pytest.fixture
async def running(own_home: Path) -> AsyncIterator[Process]:
    """One role, beside a Kafka that is its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "run", "--roles", "view"),
        env=os.environ | {"FRESHFORCE_HOME": str(own_home)},
        stderr=asyncio.subprocess.DEVNULL,
    )
    yield process
    with suppress(ProcessLookupError):
        process.kill()


async def told(process: Process, number: signal.Signals) -> int:
    """Tell it to end again and again, as the kernel does for each thread of a parent that is killed."""
    while process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)  # `send_signal` would take its exit code from asyncio
        await asyncio.sleep(0.001)
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_who_is_told_to_end_twice_stops_its_kafka_all_the_same(
    running: Process, own_home: Path, number: signal.Signals
) -> None:
    await until(lambda: port_in(note_of("view", own_home)) > 0, 120)

    assert await told(running, number) == 0
    assert single.running(own_home / "kafka") is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_who_is_told_so_before_the_roles_run_does_too(
    running: Process, own_home: Path, number: signal.Signals
) -> None:
    await until(lambda: single.running(own_home / "kafka") is not None, 120)

    assert await told(running, number) == 128 + number
    assert single.running(own_home / "kafka") is None
