"""Lanes to a sandbox org over real HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.salesforce.lanes.lanes import Lanes, salesforce_rows
from app.salesforce.lanes.pace import Pace
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from tests.builders.salesforce import ACME, a_connection

PACE = Pace()


@dataclass
class KeyOf:
    """The credentials of a sandbox org."""

    org: RunningSalesforce

    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return self.org.client_id, self.org.client_secret


@dataclass
class Joined:
    """A running org, the lanes to it, and the settings that join them."""

    org: RunningSalesforce
    lanes: Lanes
    settings: dict[ConnectionName, Connection]

    def row(self, sobject: str, field: str, value: str) -> dict[str, Any]:
        """Return the one row that holds `value`."""
        found = [row for row in self.org.control.people.rows(sobject) if row.get(field) == value]
        assert len(found) == 1, f"{len(found)} rows of {sobject}"
        return found[0]

    def calls(self) -> int:
        """Return how many API calls were made since the counters were reset."""
        total: int = self.org.control.counters()["total"]
        return total


@asynccontextmanager
async def joined_org(
    profile: str | Profile = "prepared", *, pace: Pace = PACE, **given: Any
) -> AsyncIterator[Joined]:
    async with running_salesforce(profile) as org:
        settings = {ACME: a_connection(salesforce_domain=org.url, **given)}
        async with salesforce_rows(settings, KeyOf(org), allow_http=True, pace=pace) as lanes:
            yield Joined(org, lanes, settings)
