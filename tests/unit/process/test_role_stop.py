"""A real role's process, and a Kafka that takes connections and never says a word."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
async def silence() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Address of a server that never answers, and what tells that somebody asked it."""
    asked = asyncio.Event()
    writers = []

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        asked.set()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
        for writer in writers:
            writer.close()


async def test_told_to_stop_while_it_waits_for_kafka_a_worker_ends_at_once(
    silence: tuple[str, asyncio.Event], tmp_path: Path
) -> None:
    address, asked = silence
    setup = {"FRESHFORCE_KAFKA": address, "FRESHFORCE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "app.process.role", "worker", "w")
    process = await asyncio.create_subprocess_exec(*command, env=os.environ | setup, cwd=tmp_path)
    await asyncio.wait_for(asked.wait(), 30)

    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), 5) == 0
