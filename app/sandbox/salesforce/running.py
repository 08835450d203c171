"""An org that listens, for tests and the demo."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.sandbox.clock import MovableClock
from app.sandbox.faults import FaultPlan
from app.sandbox.salesforce.application import RUNNER, application
from app.sandbox.salesforce.auth import App
from app.sandbox.salesforce.backstage import Backstage
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.profile import Profile
from app.sandbox.serving import LOCALHOST, listening, real_time


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
    org, plan, app = Org(kind, MovableClock(real_time), seed=seed), FaultPlan(), App(seed)
    async with listening(application(org, faults=plan, app=app), port, host, **RUNNER) as url:
        yield RunningSalesforce(url, app.client_id, app.client_secret, Backstage(org, plan, app), org)
