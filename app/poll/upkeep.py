"""Once a day: do our callbacks still exist at FreshBooks, and are they verified? What can be is mended.

Webhooks that stop coming are missed by nobody: polling brings the changes, only later. So somebody must look.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from aiohttp import ClientSession

from app.connect.callbacks import Standing, public_url_of
from app.connect.webhooks import Webhooks
from app.poll.schedule import Schedule
from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.identity import ConnectionName

EVERY: Final = timedelta(days=1)
"""Between two looks; the first is when a poller takes the connection over."""
AGAIN: Final = 900.0
"""Seconds until the next look after one that FreshBooks did not answer."""
PATIENCE: Final = 60.0
"""Seconds for the handshakes of what was mended."""

Ill = Callable[[str, int], object]
"""Hears how many callbacks of a connection do not work."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Looks after the callbacks of one connection."""

    connection: ConnectionName
    registry: Registry
    session: ClientSession
    ill: Ill
    """Told, at each look, how many callbacks do not work."""
    allow_http: bool = False
    patience: float = PATIENCE

    async def run_pass(self) -> int:
        """Look, and mend what is not well; return how many callbacks were mended.

        Raises:
            Transient: FreshBooks or Kafka does not answer: look again soon.
        """
        settings = self.registry[self.connection]
        webhooks = Webhooks(self.registry, self.session, settings, self.allow_http)
        ours = webhooks.ours().grant.callbacks
        if not ours:
            self.ill(self.connection, 0)
            return 0
        try:
            before = [each for each in await webhooks.standings() if not each.well]
            left = await self._mended(webhooks, public_url_of(ours[0]), before) if before else []
        except Permanent as refused:
            await self._alert(settings, f"the callbacks could not be looked after: {refused}", refused.mend)
            self.ill(self.connection, len(ours))
            return 0
        self.ill(self.connection, len(left))
        if not webhooks.ours().grant.callbacks:
            return 0  # a person has removed them meanwhile
        if before and not left:
            rule = f"callbacks were mended: {_told(before)}"
            await self.registry.note(settings, Verdict.CONFIGURED, rule)
        elif left:
            mend = f"is the public URL reached from outside? Then: freshforce webhooks verify {settings.name}"
            await self._alert(settings, f"callbacks do not work: {_told(left)}", mend)
        return len(before) - len(left)

    async def _mended(self, webhooks: Webhooks, base: str, ill: list[Standing]) -> list[Standing]:
        _log.warning("callbacks.mending", connection=self.connection, found=_told(ill))
        return [each for each in await webhooks.register(base, self.patience, anew=False) if not each.well]

    async def _alert(self, settings: Connection, rule: str, mend: str) -> None:
        _log.error("callbacks.ill", connection=settings.name, why=rule, mend=mend)
        await self.registry.note(settings, Verdict.REJECTED, rule)


def daily(registry: Registry, session: ClientSession, ill: Ill, *, allow_http: bool) -> Schedule:
    """Return when each connection's callbacks are looked at; of one that leaves us none is ill here."""

    def upkeep(connection: Connection) -> Upkeep:
        return Upkeep(connection.name, registry, session, ill, allow_http)

    return Schedule(
        upkeep,
        registry.clock,
        lambda *_: EVERY,
        lambda _: True,
        "callbacks",
        dropped=lambda name: ill(name, 0),
        again=AGAIN,
    )


def _told(found: Iterable[Standing]) -> str:
    return ", ".join(f"{each.event} ({each.trouble})" for each in found)
