"""The desk's composition root: connections, view and vendors behind one listener for people."""

import asyncio
import os
import secrets
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry

from app.connect.tokens import kept_tokens
from app.deadletters.kept import KeptLetters
from app.desk.desk import Desk
from app.desk.guard import Guard
from app.desk.pages import templates
from app.desk.ready import Database, readiness
from app.desk.refusals import telling
from app.desk.site import make_site, serve
from app.desk.works import Works
from app.freshbooks.books import HttpBooks
from app.freshbooks.door import open_session
from app.kafka.client import client_options
from app.kafka.pulse import Pulse
from app.matches import open_matches
from app.process import health
from app.process.chores import until_told
from app.process.fail import CLEAN, die
from app.registry import open_registry
from app.replay.replays import Replays
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.transport import QUICK, transport
from app.settings import Settings
from app.vault.keys import Closed, unheeded
from streams.domain.audit import Step


async def main(settings: Settings, name: str) -> int:
    """Answer until SIGTERM or SIGINT; return the exit code.

    Raises:
        Misconfigured: no topics, no keys; each says how to mend it.
        CannotListen, Unreachable: not now; it may go when we are started again.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    figures = CollectorRegistry()
    async with opened(settings, die) as desk, telling(desk.registry) as told:
        desk.registry.grants.refuse_closed()
        guard = Guard(settings.admin_listen, secrets.token_bytes(32), lambda: secrets.token_urlsafe(24), told)
        pulse, database = Pulse(), Pulse()

        def report() -> Mapping[str, Any]:
            return readiness(answers=pulse.beats, database=database.beats)

        runner = await serve(make_site(desk, guard, report, figures), settings.admin_listen)
        try:
            spoken = await health.serve(name, settings.home, report, figures)
            felt = pulse.feel(desk.registry.grants.view), database.feel(Database(desk))
            await until_told(stop, *map(asyncio.create_task, felt))
            await spoken.cleanup()
        finally:
            await runner.cleanup()
    return CLEAN


@asynccontextmanager
async def opened(settings: Settings, closed: Closed = unheeded) -> AsyncIterator[Desk]:
    """Lend a desk on the installation of `settings`; `closed` is told of a key that it lacks."""
    async with (
        open_registry(settings, _now, os.urandom, closed, Step.DESK) as registry,
        open_session() as session,
        transport(QUICK) as send,
        open_matches(client_options(settings), registry.write) as book,
    ):
        options, http = client_options(settings), settings.allow_http_vendors
        desk = Desk(
            settings,
            registry,
            session,
            send,
            options,
            Works(_now),
            templates(),
            Replays(options, _now, speaker=Step.DESK),
            book,
            orgs(registry, send, allow_http=http),
            HttpBooks(session, registry.connections, kept_tokens(registry), _now, allow_http=http),
            KeptLetters(options),
        )
        try:
            yield desk
        finally:
            await desk.close()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the desk's one look at the clock
