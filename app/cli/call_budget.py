"""What is left of the org's calls of today, for commands that tell beforehand what they cost."""

from collections.abc import Mapping
from typing import Any

from app.cli.one_org import one_org
from app.salesforce.reads.today import costs, todays
from app.settings import Settings
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError

__all__ = ["call_budget", "costs"]


async def call_budget(settings: Settings, connection: Connection) -> Mapping[str, Any]:
    """Return what the org says of our calls; why not, where it does not answer."""
    try:
        async with one_org(settings, connection.name) as (_, client):
            return await todays(client, connection.api_share)
    except FreshforceError as error:
        return {"unknown": error.code}
