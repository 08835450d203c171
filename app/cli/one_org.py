"""A client of one connection's org, for commands that ask it themselves."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.cli.clock import now
from app.registry import open_registry
from app.salesforce.api.client import Client
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.transport import QUICK, transport
from app.settings import Settings
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName


@asynccontextmanager
async def one_org(settings: Settings, name: ConnectionName) -> AsyncIterator[tuple[Connection, Client]]:
    """Lend the connection called `name` and a client of its org.

    Raises:
        NoConnection: there is none of that name.
        Misconfigured: no Kafka, no keys; each says how to mend it.
    """
    async with open_registry(settings, now, os.urandom) as registry, transport(QUICK) as send:
        connection = registry[name]
        yield connection, orgs(registry, send, allow_http=settings.allow_http_vendors).client(name)
