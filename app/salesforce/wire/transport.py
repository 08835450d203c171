"""Salesforce's HTTP on aiohttp: time-outs, verified TLS, a size limit, no redirects, nothing remembered."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from app.process.fence import fenced
from app.salesforce.wire.wire import ANSWER_LIMIT, API, Reply, Request
from streams.domain.errors import Unreachable

TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=10)
"""Salesforce itself gives up after ten minutes; a batch that needs two is made smaller instead."""

QUICK = aiohttp.ClientTimeout(total=20, sock_connect=10)
"""For those at whose answer a person waits."""


@dataclass(frozen=True, slots=True)
class Transport:
    """Sends requests over one pool of connections; fits `app.salesforce.wire.wire.Send`."""

    session: aiohttp.ClientSession
    answer_limit: int = ANSWER_LIMIT

    async def __call__(self, request: Request) -> Reply:
        """Send `request` once.

        Raises:
            Unreachable: no whole answer came; whether it had an effect is unknown.
        """
        try:
            async with self.session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.body,
                allow_redirects=False,
            ) as answer:
                body = await _read(answer.content, min(self.answer_limit, request.answer_limit))
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status, headers, body)
        except aiohttp.ConnectionTimeoutError as error:
            raise Unreachable(API, type(error).__name__) from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(API, type(error).__name__) from None


class TimedOut(Unreachable):
    """The answer did not come in time; smaller batches may help."""

    code = "timed-out"

    def __init__(self) -> None:
        super().__init__(API, "time-out")


async def _read(content: aiohttp.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit
    async for part in content.iter_any():
        left -= len(part)
        if left < 0:
            raise Unreachable(API, f"answer larger than {limit} bytes")
        parts.append(part)
    return b"".join(parts)


@asynccontextmanager
async def transport(
    patience: aiohttp.ClientTimeout = TIMEOUT, fence: Callable[[], object] = lambda: None
) -> AsyncIterator[Transport]:
    """Open the pool of connections; lanes bound their number, so that orgs never wait for each other.

    `fence` is called right before each request goes out.
    """
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=30)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=patience,
        cookie_jar=aiohttp.DummyCookieJar(),
        trace_configs=[fenced(fence)],
    ) as session:
        yield Transport(session)
