"""An org that listens, for tests and the demo: a composition root, so the real clock is read here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from app.sandbox.clock import MovableClock
from app.sandbox.faults import FaultPlan
from app.sandbox.salesforce.application import LONGEST_LINE, application
from app.sandbox.salesforce.auth import App
from app.sandbox.salesforce.backstage import Backstage
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.profile import Profile

LOCALHOST = "127.0.0.1"
CLOSING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class RunningSalesforce:
    """A Salesforce that listens: where, as whom to log in, and its backstage in this process."""

    url: str
    client_id: str
    client_secret: str
    control: Backstage
    org: Org


@asynccontextmanager
async def running_salesforce(
    profile: str | Profile = "prepared", *, seed: int = 0, port: int = 0, host: str = LOCALHOST
) -> AsyncIterator[RunningSalesforce]:
    """Run a simulated org while the with-block lasts; port 0 picks a free one."""
    kind = Profile.named(profile) if isinstance(profile, str) else profile
    org, plan, app = Org(kind, MovableClock(_real_time), seed=seed), FaultPlan(), App(seed)
    runner = web.AppRunner(
        application(org, faults=plan, app=app),
        access_log=None,
        shutdown_timeout=CLOSING_SECONDS,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        url = f"http://{host}:{runner.addresses[0][1]}"
        yield RunningSalesforce(url, app.client_id, app.client_secret, Backstage(org, plan, app), org)
    finally:
        await runner.cleanup()


def _real_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - here the real clock enters the sandbox
