"""The ingress as a process of its own, on a real Kafka, with senders who remember what was accepted."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from app.bench.installation import ACCOUNT, NAME, VERIFIER, Installation, set_up
from app.bench.shots import shots
from app.kafka.embedded.ports import free_ports
from app.kafka.partition import partition_of
from app.process.health import address

PATHS = tuple(os.urandom(16).hex() for _ in range(8))
SHOTS = shots(5_000, PATHS, VERIFIER, ACCOUNT)
PARTITIONS = 4
ONE_EACH = tuple({partition_of(f"{NAME}:client:{n + 1}".encode(), PARTITIONS): n for n in range(99)}.values())
"""A shot for each partition."""
START = 60.0


@dataclass(slots=True)
class IngressRole:
    """Starts, kills and asks the process."""

    it: Installation
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> float:
        """Start the process; return the seconds until it is ready."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        with (self.it.home / "ingress.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "app.process.role", "ingress", "tested"),
                env=dict(self.it.environment()),
                cwd=Path(__file__).parents[2],
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(START):
            while await self.ready() != 200:
                assert self.process.returncode is None, self.log()
                await asyncio.sleep(0.02)
        return loop.time() - began

    async def end(self, how: signal.Signals) -> tuple[int, float]:
        """Send a signal; return the exit code and the seconds it took."""
        assert self.process is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        with suppress(ProcessLookupError):
            self.process.send_signal(how)
        code = await asyncio.wait_for(self.process.wait(), 30)
        return code, loop.time() - began

    async def ready(self) -> int:
        """Return the status of /health/ready, 0 when nobody answers."""
        return (await self.admin("/health/ready"))[0]

    async def admin(self, path: str) -> tuple[int, str]:
        try:
            async with aiohttp.ClientSession() as session:
                url = address("tested", self.it.home) + path
                async with session.get(url, timeout=aiohttp.ClientTimeout(5)) as answer:
                    return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    def log(self) -> str:
        return (self.it.home / "ingress.log").read_text()


@dataclass(slots=True)
class Senders:
    """So many who send one shot after the other, each on a connection of its own."""

    port: int
    accepted: Counter[int] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    _next: int = 0

    async def one(self) -> int:
        """Send the next shot; return its status, 0 when the connection failed."""
        shot, self._next = self._next % len(SHOTS), self._next + 1
        return await self.send(shot)

    async def everywhere(self, seconds: float = 60) -> float:
        """Return the seconds until a shot is accepted for each partition."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.timeout(seconds):
            for shot in ONE_EACH:
                while await self.send(shot) != 200:  # noqa: ASYNC110  # another process
                    await asyncio.sleep(0.05)
        return loop.time() - began

    async def send(self, shot: int) -> int:
        """Send a certain shot; return its status, 0 when the connection failed."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        status = await ask(self.port, SHOTS[shot])
        self.slowest = max(self.slowest, loop.time() - began)
        self.statuses[status] += 1
        if status == 200:
            self.accepted[shot] += 1
        return status

    async def keep_on(self, pause: float = 0.0) -> None:
        """Send for ever."""
        while True:
            status = await self.one()
            await asyncio.sleep(pause if status == 200 else max(pause, 0.01))

    async def until(self, status: int, seconds: float = 30) -> float:
        """Return the seconds until an answer with `status` comes."""
        loop = asyncio.get_running_loop()
        began, before = loop.time(), self.statuses[status]
        async with asyncio.timeout(seconds):
            while self.statuses[status] == before:  # noqa: ASYNC110  # any answer may be the one
                await asyncio.sleep(0.01)
        return loop.time() - began

    @asynccontextmanager
    async def at_work(self, many: int, pause: float = 0.0) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.keep_on(pause)) for _ in range(many)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def ask(port: int, request: bytes) -> int:
    """Return the status of the answer to one request, 0 when the connection failed."""
    head = await head_of(port, request)
    return int(head[9:12]) if head else 0


async def head_of(port: int, request: bytes) -> bytes:
    """Return the head of the answer to one request; nothing when the connection failed."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return b""
    try:
        writer.write(request)
        async with asyncio.timeout(20):  # wait_for may swallow the cancellation that ends `at_work`
            return await reader.readuntil(b"\r\n\r\n")
    except (OSError, EOFError, TimeoutError):
        return b""
    finally:
        writer.close()


@asynccontextmanager
async def an_ingress(home: Path, kafka: str, copies: int = 1) -> AsyncIterator[IngressRole]:
    """Run an ingress of its own installation on `kafka`."""
    (ingress,) = free_ports(1)
    it = Installation(home, kafka, ingress, PATHS, copies)
    await set_up(it)
    role = IngressRole(it)
    try:
        await role.start()
        yield role
    finally:
        if role.process is not None and role.process.returncode is None:
            await role.end(signal.SIGKILL)
