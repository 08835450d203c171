"""A desk for decisions about clients, at a sandbox org with Accounts from before."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.match.desk import Desk
from app.registry import Registry
from app.vault.access import Grants
from streams.domain.event import Event
from streams.domain.identity import AccountId
from streams.domain.message import Value
from tests.builders.matching import Matched, matched_org
from tests.builders.salesforce import A_MORNING, ACME
from tests.builders.vault import a_sealer
from tests.fakes.grants_view import GrantsView


@dataclass
class Office:
    """The desk, the org behind it, and all that was written."""

    matched: Matched
    desk: Desk
    written: list[Value] = field(default_factory=list)

    @property
    def events(self) -> list[Event]:
        return [it for it in self.written if isinstance(it, Event)]


@asynccontextmanager
async def an_office() -> AsyncIterator[Office]:
    async with matched_org() as it:
        written: list[Value] = []

        async def write(*values: Value) -> None:
            written.extend(values)

        async def erase(*_: object) -> None:
            raise NotImplementedError

        settings = it.here.settings
        settings[ACME] = settings[ACME].model_copy(update={"freshbooks_account_id": AccountId("ACC1")})
        grants = Grants(GrantsView(), a_sealer())
        registry = Registry(dict(settings.items()), grants, write, lambda: A_MORNING, os.urandom, erase)
        desk = Desk(registry, it.book, settings[ACME], it.here.lanes.org(ACME), "ann")
        yield Office(it, desk, written)
