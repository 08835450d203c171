"""The answers of the public door: fixed bytes, no banner, no date, no word about why.

They are written as they stand: building headers anew would cost each webhook more than verifying it.
"""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter


class Answer(web.StreamResponse):
    """An answer that never changes, so that one object serves every request."""

    def __init__(self, status: int, *lines: str, body: bytes = b"", close: bool = False) -> None:
        super().__init__(status=status)
        if close:
            self.force_close()
        fields = (*lines, f"Content-Length: {len(body)}", *(("Connection: close",) if close else ()))
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
        self._bytes = "\r\n".join((head, *fields, "", "")).encode("ascii") + body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write it all; whoever has gone away meanwhile needs no answer, whoever reads none gets no more."""
        transport = request.transport
        if transport is not None:
            transport.write(self._bytes)
            if request.protocol.writing_paused:
                await request.writer.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""

    @property
    def keep_alive(self) -> bool:
        """Tell whether the connection may be used again."""
        return self._keep_alive is not False

    def __hash__(self) -> int:
        return id(self)


_LINES: Final = {405: ("Allow: POST",), 429: ("Retry-After: 1",), 503: ("Retry-After: 5",)}
_STATUSES: Final = (200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431, 500, 503)
_BROKEN: Final = {400, 408, 413, 431, 500}
"""After these nobody knows where the next request would start, or should bet on it."""

KEPT: Final = {
    status: Answer(status, *_LINES.get(status, ()), close=status in _BROKEN) for status in _STATUSES
}
LAST: Final = {status: Answer(status, *_LINES.get(status, ()), close=True) for status in _STATUSES}


def answer(request: web.BaseRequest, status: int) -> Answer:
    """Return the answer with `status`, closing where the sender asked for it or we stop."""
    return KEPT[status] if request.keep_alive else LAST[status]
