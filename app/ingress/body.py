"""A request's head and body, taken within limits and never decompressed."""

import asyncio
from typing import Final

from aiohttp import web

from app.freshbooks.signature import HEADER

MOST: Final = 64 * 2**10
"""Bytes of a body; FreshBooks' are near 200."""
FORM: Final = "application/x-www-form-urlencoded"


class TooMuch(ValueError):
    """The body is longer than `MOST`."""


def wrong_head(request: web.BaseRequest) -> int:
    """Return the status that refuses the head, or 0 when it may go on."""
    head = request.headers
    if head.get("Content-Encoding", "identity").lower() != "identity":
        return 415
    if head.get("Content-Type", "").partition(";")[0].strip().lower() != FORM:
        return 415
    if len(head.getall(HEADER, ())) > 1:
        return 400
    length = head.get("Content-Length")
    if length is None:
        return 0 if head.get("Transfer-Encoding", "chunked").lower() == "chunked" else 415
    return 413 if int(length) > MOST else 0


def arrived(request: web.BaseRequest) -> bytes | None:
    """Return the body if all of it is here already, as it nearly always is; else None: `read` it."""
    content = request.content
    return content.read_nowait() if content.is_eof() and content.total_bytes <= MOST else None


async def read(request: web.BaseRequest, patience: float) -> bytes:
    """Wait for the rest of the body, at most `patience` seconds, and return it.

    Raises:
        TooMuch: answer 413.
        TimeoutError: answer 408.
    """
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async with asyncio.timeout(patience):
        return await _gather(request)


async def _gather(request: web.BaseRequest) -> bytes:
    parts, size = [], 0
    while part := await request.content.readany():
        parts.append(part)
        size += len(part)
        if size > MOST:
            raise TooMuch
    return b"".join(parts)
