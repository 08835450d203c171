"""A client of one connection's org, for commands that ask it themselves."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from app.cli.clock import now
from app.registry import open_registry
from app.salesforce.client import Client
from app.salesforce.lanes import Lanes
from app.salesforce.transport import QUICK, transport
from app.settings import Settings
from app.vault.credentials import KeptCredentials
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
        credentials = KeptCredentials(registry.grants)
        chance = Random()  # noqa: S311 - jitter needs no secrecy
        http = settings.allow_http_vendors
        lanes = Lanes(registry.connections, credentials, send, chance=chance, allow_http=http)
        yield connection, lanes.client(name)
