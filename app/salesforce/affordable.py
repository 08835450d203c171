"""Questions that may wait: a report takes no payment's call."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final

from app.salesforce.client import Client
from app.salesforce.urgency import Urgency
from app.salesforce.wire import API
from streams.domain.connection import Connection
from streams.domain.errors import RateLimited

_QUIET: Final = timedelta(hours=1)
"""When to ask again once the org's calls are nearly used up."""


async def affordable(
    client: Client, connection: Connection, query: str
) -> AsyncIterator[list[Mapping[str, Any]]]:
    """Yield the rows of `query`, a page at a time; no page is asked for that our share does not cover.

    Raises:
        RateLimited: our share of the org's calls, or nearly all of them, are used up.
        Refused, Misconfigured, Unreachable: as `Client.pages`.
    """
    refuse_dear(client, connection)
    async for page in client.pages(query):
        yield page
        refuse_dear(client, connection)


def refuse_dear(client: Client, connection: Connection) -> None:
    """Let a call be made while our share has room for details.

    Raises:
        RateLimited: the share of this connection, or nearly all of the org's calls, are used up.
    """
    if client.budget.room(connection.api_share) is not Urgency.DETAILS:
        raise RateLimited(API, _QUIET)
