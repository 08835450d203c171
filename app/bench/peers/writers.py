"""Other ways to write rows to Salesforce: a call per record, fixed windows, and bare ready-made batches."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import aiohttp
import orjson

from app.bench.deliver_org import KEY
from streams.domain.command import Command

AT_ONCE: Final = 4
"""Calls at a time, as many as our lanes."""
SIZE: Final = 200
WINDOW: Final = 1.0
"""Seconds."""
_API: Final = "/services/data/v66.0"


class OneByOne:
    """What most integrations do: one call per record."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._headers = _headers(token)
        self._url = f"{url}{_API}/sobjects/Account/{KEY}"
        self._waiting: deque[tuple[Command, asyncio.Future[None]]] = deque()
        self._workers: set[asyncio.Task[None]] = set()

    def put(self, command: Command) -> "asyncio.Future[None]":
        """Write a row as soon as one of the connections is free."""
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if len(self._workers) < AT_ONCE:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return answer

    async def _work(self) -> None:
        while self._waiting:
            command, answer = self._waiting.popleft()
            body = orjson.dumps(command.fields)
            url = f"{self._url}/{command.external_id}"
            async with self._session.patch(url, data=body, headers=self._headers) as reply:
                assert orjson.loads(await reply.read())["success"]
            answer.set_result(None)


class Windows:
    """What many pipelines do: gather for a second, then send what there is in batches."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._bare = Bare(session, url, token)
        self._gathered: list[tuple[Command, asyncio.Future[None]]] = []
        self._sending: asyncio.Task[None] | None = None

    def put(self, command: Command) -> "asyncio.Future[None]":
        """Write a row with all others of its window."""
        answer = asyncio.get_running_loop().create_future()
        self._gathered.append((command, answer))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return answer

    async def _send(self) -> None:
        while True:
            await asyncio.sleep(WINDOW)
            rows, self._gathered = self._gathered, []
            if not rows:
                self._sending = None
                return
            parts = [rows[at : at + SIZE] for at in range(0, len(rows), SIZE)]
            await self._bare.send([body_of([command for command, _ in part]) for part in parts])
            for _, answer in rows:
                answer.set_result(None)


class Bare:
    """A bare client that sends batches made beforehand, and reads what is answered: nothing can do less."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._headers = _headers(token)
        self._url = f"{url}{_API}/composite/sobjects/Account/{KEY}"

    async def send(self, bodies: Sequence[bytes]) -> None:
        """Send all batches, several at a time."""
        left = deque(bodies)
        await asyncio.gather(*(self._work(left) for _ in range(AT_ONCE)))

    async def _work(self, left: deque[bytes]) -> None:
        while left:
            async with self._session.patch(self._url, data=left.popleft(), headers=self._headers) as reply:
                results: list[dict[str, Any]] = orjson.loads(await reply.read())
                assert all(result["success"] for result in results)


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def bodies_of(commands: Sequence[Command]) -> list[bytes]:
    """Return the batches that `commands` fill."""
    return [body_of(commands[at : at + SIZE]) for at in range(0, len(commands), SIZE)]


def body_of(commands: Sequence[Command]) -> bytes:
    """Return one batch."""
    records = [
        {"attributes": {"type": "Account"}, KEY: command.external_id, **command.fields}
        for command in commands
    ]
    return orjson.dumps({"allOrNone": False, "records": records})
