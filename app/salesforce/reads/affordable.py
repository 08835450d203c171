"""Questions that may wait: a report takes no payment's call."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, Final

from app.salesforce.api.client import Client
from app.salesforce.calls.budget import MORE_CALLS, Budget
from app.salesforce.calls.urgency import Urgency
from app.salesforce.wire.wire import API
from streams.domain.connection import Connection
from streams.domain.errors import RateLimited

_QUIET: Final = timedelta(hours=1)
"""When to ask again once the org's calls are nearly used up."""


class ShareUsed(RateLimited):
    """What is left of our share is for rows; asked again later, or with a larger share, it is answered."""

    code = "share-used"
    mend = MORE_CALLS

    def __init__(self, budget: Budget, share: float) -> None:
        super().__init__(API, _QUIET)
        used = f"{budget.used} of the org's {budget.limit} API calls of today are used"
        self.args = (f"{used}: what is left of our share ({share:.0%}) is kept for rows",)


async def affordable(
    client: Client, connection: Connection, query: str
) -> AsyncIterator[list[Mapping[str, Any]]]:
    """Yield the rows of `query`, a page at a time; no page is asked for that our share does not cover.

    Raises:
        ShareUsed: our share of the org's calls, or nearly all of them, are used up.
        Refused, Misconfigured, Unreachable: as `Client.pages`.
    """
    async for page in client.pages(query, allow=lambda: refuse_dear(client, connection)):
        yield page


def refuse_dear(client: Client, connection: Connection) -> None:
    """Let a call be made while our share has room for details, or to hear anew whether it has.

    What the org said is believed for some five minutes, as it is of rows: a client that is asked for such
    things alone would hear nothing else.

    Raises:
        ShareUsed: the share of this connection, or nearly all of the org's calls, are used up.
    """
    now = asyncio.get_running_loop().time()
    if client.budget.admits(connection.api_share, now) is not Urgency.DETAILS:
        raise ShareUsed(client.budget, connection.api_share)
