"""The mailroom: sends webhooks and remembers how each was answered."""

import asyncio
from collections import Counter
from contextlib import suppress
from heapq import heappop, heappush
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from app.sandbox.freshbooks.callbacks import Callback
from app.sandbox.freshbooks.delivery import Delivery, Draw
from app.sandbox.freshbooks.knobs import Knobs
from app.sandbox.freshbooks.signing import SIGNATURE_HEADER

NO_ANSWER = 0
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "FreshHooks/0.4"}


class Mailroom:
    """Queues deliveries by the time they are due and sends them, so many at once."""

    def __init__(self, knobs: Knobs, seed: int) -> None:
        self.knobs = knobs
        self.deliveries: list[Delivery] = []
        self._draw = Draw(knobs, seed)
        self._due: list[tuple[float, int, Delivery]] = []
        self._entered = 0
        self._pending = 0
        self._bell = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._sending: set[asyncio.Task[None]] = set()
        self._session: ClientSession | None = None
        self._clerk: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start sending."""
        self._session = ClientSession(connector=TCPConnector(limit=0))
        self._clerk = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop sending; what is still queued is not sent."""
        tasks = [*self._sending, *([self._clerk] if self._clerk else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def post(self, callback: Callback, event: str, object_id: int, fields: dict[str, str]) -> None:
        """Queue an event for a callback, subject to the knobs."""
        for delivery, wait in self._draw.deliveries(callback, event, object_id, fields):
            self.deliveries.append(delivery)
            if not delivery.dropped:
                self._enter(delivery, wait)

    def post_later(self, delivery: Delivery, after: float) -> None:
        """Queue a handshake, spared by chance."""
        self.deliveries.append(delivery)
        self._enter(delivery, after)

    async def post_now(self, delivery: Delivery) -> None:
        """Send a handshake and wait for its answer: the race with the registration's own answer."""
        self.deliveries.append(delivery)
        await self._try(delivery)

    async def settled(self) -> None:
        """Return when nothing is queued, in flight or to be repeated. A paused queue never settles."""
        await self._settled.wait()

    def ring(self) -> None:
        """Look at the knobs again."""
        self._bell.set()

    def tally(self) -> dict[str, Any]:
        """Return counts: of deliveries, what became of them; of answers, each status (0: none)."""
        answers = Counter(str(answer) for delivery in self.deliveries for answer in delivery.answers)
        return {
            "deliveries": len(self.deliveries),
            "dropped": sum(delivery.dropped for delivery in self.deliveries),
            "forged": sum(delivery.forged for delivery in self.deliveries),
            "accepted": sum(delivery.accepted for delivery in self.deliveries),
            "pending": self._pending,
            "answers": dict(answers),
        }

    def _enter(self, delivery: Delivery, wait: float) -> None:
        self._entered += 1
        self._pending += 1
        self._settled.clear()
        heappush(self._due, (asyncio.get_running_loop().time() + wait, self._entered, delivery))
        self._bell.set()

    async def _work(self) -> None:
        """Send what is due, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            self._bell.clear()
            wait = self._wait(loop.time())
            if wait == 0:
                self._start(heappop(self._due)[2])
                await asyncio.sleep(1 / self.knobs.per_second if self.knobs.per_second else 0)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._bell.wait()

    def _wait(self, now: float) -> float | None:
        """Return the seconds until something can be sent; None: until the bell rings."""
        if self.knobs.paused or not self._due or len(self._sending) >= self.knobs.at_once:
            return None
        return max(0.0, self._due[0][0] - now)

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._send(delivery))
        self._sending.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._pending -= 1
        if not self._pending:
            self._settled.set()
        self._bell.set()

    async def _send(self, delivery: Delivery) -> None:
        """Try once; after a failure queue again, when the knob says so."""
        await self._try(delivery)
        tries = len(delivery.answers)
        if not delivery.accepted and self.knobs.retry and tries <= self.knobs.retry_times:
            self._enter(delivery, self.knobs.retry_after * 2 ** (tries - 1))

    async def _try(self, delivery: Delivery) -> None:
        if self._session is None:
            message = "the mailroom is closed"
            raise RuntimeError(message)
        headers = {**HEADERS, SIGNATURE_HEADER: delivery.signed} if delivery.signed else HEADERS
        timeout = ClientTimeout(total=self.knobs.timeout)
        body = delivery.body.encode()
        try:
            async with self._session.post(
                delivery.uri, data=body, headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                await answer.read()
                delivery.answers.append(answer.status)
        except (ClientError, OSError, TimeoutError):
            delivery.answers.append(NO_ANSWER)
