"""The last look before a request leaves: whether this process may still speak for its partitions."""

from collections.abc import Callable
from typing import Any

from aiohttp import TraceConfig


def fenced(fence: Callable[[], object]) -> TraceConfig:
    """Return what makes a session call `fence` right before the bytes of each request go out.

    Asked any earlier, a process that is frozen while it waits for its turn or for a connection would wake up
    and send what another worker has long seen to. `fence` ends the process when that may be so.
    """

    async def ask(*_: Any) -> None:
        fence()

    config = TraceConfig()
    config.on_request_headers_sent.append(ask)
    config.on_request_chunk_sent.append(ask)
    return config
