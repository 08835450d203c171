"""One connection from the world: aiohttp's, with our deadlines, our limits and no word too many.

aiohttp closes an idle connection, but waits for ever for one that sends its head byte by byte, logs a
sender's bytes with a traceback, and tells the sender what it thought of them. Here a head has five
seconds, counted from its first byte, and what cannot be parsed is answered 400 or 431 without a word.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from app.ingress.answers import LAST
from app.ingress.tally import Tally


@dataclass(frozen=True, slots=True)
class Manners:
    """What we put up with."""

    patience: float = 5.0
    """Seconds for a head, as many for a body, and as many until our answers are read."""
    idle: float = 75.0
    """Seconds a connection may rest between requests: longer than common proxies keep theirs."""
    connections: int = 4_000
    """At most this many at a time; each costs about 20 kB and a file descriptor."""


_log = structlog.get_logger(__name__)


class Conversation(web.RequestHandler):
    """A connection that must bring each head in time."""

    __slots__ = ("_deadline", "_manners", "_tally", "_unread")

    def __init__(self, server: "Door", tally: Tally, manners: Manners, **settings: Any) -> None:
        super().__init__(server, keepalive_timeout=manners.idle, **settings)
        self._manners = manners
        self._tally = tally
        self._deadline: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Turn away what exceeds the limit; start the clock for the rest."""
        super().connection_made(transport)
        self._deadline = self._loop.call_later(self._manners.patience, self._too_slow)
        server = self._manager
        if server is not None and len(server._connections) > self._manners.connections:  # noqa: SLF001  # no public count
            self._tally.turned_away += 1
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the clocks."""
        self._stop_clock()
        self._stop_waiting()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Our answers pile up: whoever asks on and reads none of them is hung up on in time."""
        super().pause_writing()
        self._unread = self._loop.call_later(self._manners.patience, self._hang_up)

    def resume_writing(self) -> None:
        """They are read again."""
        self._stop_waiting()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Let aiohttp parse; as long as it has no whole head of it, the clock runs."""
        super().data_received(data)
        waiter = self._waiter
        if waiter is None or waiter.done():
            if self._deadline is not None:
                self._stop_clock()
        elif self._deadline is None and data:
            self._deadline = self._loop.call_later(self._manners.patience, self._too_slow)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  # quotes the sender's bytes: neither logged nor answered
    ) -> web.StreamResponse:
        """Answer what could not be parsed, or what we failed at, without a word."""
        if status >= web.HTTPInternalServerError.status_code:
            self._tally.failed += 1
            _log.error("ingress.failed", error=type(exc).__name__)
            return LAST[500]
        too_long = isinstance(exc, LineTooLong) or "Too many headers" in str(exc)
        self._tally.unparsable += 1
        del request
        return LAST[431 if too_long else 400]

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Name the error only: aiohttp's own line quotes what was sent."""
        error = kw.get("exc_info")
        _log.error("ingress.failed", error=type(error).__name__, said=str(args[0]) if args else "")

    def _too_slow(self) -> None:
        self._deadline = None
        if self._waiter is not None and not self._waiter.done():
            self._tally.too_slow += 1
            self.force_close()

    def _hang_up(self) -> None:
        """End it at once: to close in order would wait until the other side has read everything."""
        self._unread = None
        self._tally.too_slow += 1
        if self.transport is not None:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Door(web.Server):
    """aiohttp's low-level server, with our conversations: one route needs no router."""

    def __init__(self, answer: Any, tally: Tally, manners: Manners) -> None:
        super().__init__(answer)
        self._tally = tally
        self._manners = manners

    def __call__(self) -> Conversation:
        """Return the conversation for a new connection."""
        return Conversation(
            self,
            self._tally,
            self._manners,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,
            max_line_size=1_024,
            max_field_size=4_096,
            max_headers=64,
            lingering_time=1.0,
            read_bufsize=2**16,
        )
