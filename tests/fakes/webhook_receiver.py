"""A fake of what receives FreshBooks' webhooks: a real HTTP server that writes down what comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from app.sandbox.serving import listening


@dataclass(frozen=True)
class Received:
    path: str
    body: str
    signature: str

    @property
    def fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass
class WebhookReceiver:
    """Answers with the next of `statuses`, then 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    seconds: float = 0.0
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        signature = request.headers.get("X-FreshBooks-Hmac-SHA256", "")
        async with self._came:
            self.received.append(Received(request.path, body, signature))
            self._came.notify_all()
        await asyncio.sleep(self.seconds)
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def wait_for(self, count: int) -> list[Received]:
        """Return what came as soon as it is this much."""
        async with self._came:
            await asyncio.wait_for(self._came.wait_for(lambda: len(self.received) >= count), 5)
        return self.received


@asynccontextmanager
async def webhook_receiver() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    served = web.Application()
    served.router.add_post("/{path:.*}", receiver.take)
    async with listening(served) as url:
        receiver.url = url
        yield receiver
