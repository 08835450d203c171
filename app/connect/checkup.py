"""Both sides of a connection, looked at as a person would: `freshforce ping` and the pages show it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from aiohttp import ClientSession

from app.connect.checkup_freshbooks import FreshBooksCheckup
from app.connect.skew import Skew
from app.connect.twins import twin_finding
from app.registry import Registry
from app.salesforce.checkup import Finding, checkup
from app.salesforce.dry_run import dry_run
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.wire import Reply, Request, Send
from streams.domain.connection import Connection

NONCE: Final = 16
COPIED: Final = Finding(
    "FreshBooks", well=True, says="not asked: a history was copied into it (freshforce replay copy)"
)


@dataclass(frozen=True, slots=True)
class Checkup:
    """Asks both vendors about connections; one side's failure does not hide the other's."""

    registry: Registry
    session: ClientSession
    send: Send
    allow_http: bool = False

    async def both(self, connection: Connection) -> list[Finding]:
        """Return every finding of both sides, FreshBooks' first."""
        books, org = await asyncio.gather(self.freshbooks(connection), self.salesforce(connection))
        return [*books, *org, *twin_finding(self.registry, connection)]

    async def freshbooks(self, connection: Connection) -> list[Finding]:
        """Return what FreshBooks shows: token, identity, a page of each kind, webhooks, its clock.

        Of a connection into which a history was copied nobody asks: its log answers.
        """
        if connection.copied:
            return [COPIED]
        asked = FreshBooksCheckup(self.registry, self.session, connection, self.allow_http)
        return [each async for each in asked.findings()]

    async def salesforce(self, connection: Connection) -> list[Finding]:
        """Return what the org shows: log-in, version, objects, calls left, a dry run, its clock."""
        return [each async for each in self._salesforce(connection)]

    async def _salesforce(self, connection: Connection) -> AsyncIterator[Finding]:
        skew = Skew(self.registry.clock)
        client = self._lanes(skew).client(connection.name)
        found = [each async for each in checkup(client)]
        for each in found:
            yield each
        if len(found) > 1:  # with a log-in alone there is nobody to ask
            if all(each.well for each in found):
                yield await dry_run(client, connection, self.registry.random(NONCE).hex())
            yield skew.finding("Salesforce")

    def _lanes(self, skew: Skew) -> Lanes:
        async def heard(request: Request) -> Reply:
            reply = await self.send(request)
            skew.heard(reply.headers.get("date", ""))
            return reply

        return orgs(self.registry, heard, allow_http=self.allow_http)
