"""The desk of a command: everything opened that a decision needs."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.cli.actor import whoever
from app.cli.clock import now
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.match.desk import Desk
from app.matches import open_matches
from app.registry import open_registry
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.transport import QUICK, transport
from app.settings import load


@asynccontextmanager
async def open_desk(name: str, actor: str = "") -> AsyncIterator[Desk]:
    """Lend the desk of a connection; nobody is called yet.

    Raises:
        NoConnection: there is none of that name.
        Misconfigured: no Kafka, no keys; each says how to mend it.
    """
    settings = load()
    async with (
        open_registry(settings, now, os.urandom) as registry,
        open_matches(client_options(settings), registry.write) as book,
        transport(QUICK) as send,
    ):
        connection = registry[connection_name(name)]
        lanes = orgs(registry, send, allow_http=settings.allow_http_vendors)
        yield Desk(registry, book, connection, lanes.org(connection.name), actor or whoever())
