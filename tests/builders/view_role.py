"""The view as a process of its own, on the real audit topic; what it says comes through a pipe."""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM

import orjson
import pytest
from aiohttp import ClientError, ClientSession
from aiokafka import AIOKafkaProducer

from app.process.health import note_of
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ConnectionName
from streams.topics import AUDIT

NAME = "view"
PATIENCE = 120.0
PARTITIONS = 4


@dataclass(slots=True)
class ViewRole:
    """A view in `home`, and the entries of one connection that it must show."""

    home: Path
    kafka: str
    connection: str
    written: int = 0
    process: asyncio.subprocess.Process | None = None
    words: list[str] = field(default_factory=list)
    _listening: "asyncio.Task[None] | None" = None

    @property
    def database(self) -> Path:
        return self.home / "view.sqlite"

    async def start(self) -> int:
        """Start it, wait until it follows, and return its pid."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.process.role", NAME, NAME),
            env=os.environ | {"FRESHFORCE_HOME": str(self.home), "FRESHFORCE_KAFKA": self.kafka},
            cwd=Path(__file__).parents[2],
            stderr=asyncio.subprocess.PIPE,
        )
        self._listening = asyncio.create_task(self._listen(self.process.stderr))
        async with asyncio.timeout(PATIENCE):
            while not await self._follows():
                assert self.process.returncode is None, self.words
                await asyncio.sleep(0.05)
        return self.process.pid

    async def ended(self) -> int:
        """Return the exit code once it has ended."""
        assert self.process is not None
        assert self._listening is not None
        try:
            async with asyncio.timeout(PATIENCE):
                code = await self.process.wait()
                await self._listening
        except TimeoutError:
            pytest.fail(f"the view does not end; it said: {self.words}")
        return code

    async def stop(self) -> None:
        """Tell it to end, if it runs, and wait."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(SIGTERM)
            await self.ended()

    async def write(self, count: int) -> None:
        """Write so many more entries of the connection to the audit topic."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, linger_ms=20)
        await producer.start()
        for number in range(self.written, self.written + count):
            cause = f"{self.connection}/{number}"
            entry = AuditEntry(
                id=audit_id(Step.FETCH, Verdict.FETCHED, cause),
                connection=ConnectionName(self.connection),
                step=Step.FETCH,
                verdict=Verdict.FETCHED,
                cause=cause,
            )
            await producer.send(AUDIT.name, encode(entry), partition=number % PARTITIONS)
        await producer.stop()
        self.written += count

    async def shows_all(self) -> None:
        """Return when every entry written is a row, once."""
        async with asyncio.timeout(PATIENCE):
            while self.rows() != self.written:  # noqa: ASYNC110  # another process at work
                await asyncio.sleep(0.1)

    def rows(self) -> int:
        """Return how many rows the view has of the connection."""
        query = "SELECT count(*) FROM entries WHERE connection = ?"
        with closing(sqlite3.connect(self.database)) as database:
            return int(database.execute(query, (self.connection,)).fetchone()[0])

    async def _follows(self) -> bool:
        note = note_of(NAME, self.home)
        if self.process is None or not note.exists():
            return False
        told = orjson.loads(note.read_bytes())
        if told["pid"] != self.process.pid:
            return False
        with suppress(ClientError):
            async with (
                ClientSession() as session,
                session.get(f"http://127.0.0.1:{told['port']}/health/ready"),
            ):
                return True
        return False

    async def _listen(self, pipe: asyncio.StreamReader | None) -> None:
        assert pipe is not None
        async for line in pipe:
            self.words.append(line.decode())
