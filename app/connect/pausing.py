"""Pause and resume: events are kept, writes wait."""

from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.identity import ConnectionName


async def pause(registry: Registry, name: ConnectionName, *, paused: bool) -> bool:
    """Pause or resume a connection; return whether that changed anything.

    Raises:
        NoConnection: there is none of that name.
    """
    await registry.read_on()
    connection = registry[name]
    if connection.paused == paused:
        return False
    await registry.keep(connection.model_copy(update={"paused": paused}))
    await registry.note(connection, Verdict.CONFIGURED, "paused" if paused else "resumed")
    return True
