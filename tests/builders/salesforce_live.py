"""A real org to test against, named by FRESHFORCE_LIVE_SALESFORCE_{DOMAIN,CLIENT_ID,CLIENT_SECRET}.

It should be a developer org or a sandbox that `freshforce setup salesforce NAME --apply` has prepared.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex

import pytest

from app.salesforce.lanes.lanes import Lanes, salesforce_rows
from streams.domain.command import Command, Field, Item, Items, Lookup
from streams.domain.identity import ConnectionName
from streams.ports import Answer
from tests.builders.salesforce import ACME, a_connection


@dataclass(frozen=True)
class FromTheEnvironment:
    client_id: str
    client_secret: str

    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return self.client_id, self.client_secret


@dataclass(frozen=True)
class OwnRows:
    """Lanes on which the external ids `ACC1:…` of tests become ones that the org has never seen.

    Our user may not delete rows there; those of tests carry external ids `test…`.
    """

    lanes: Lanes
    prefix: str = field(default_factory=lambda: f"test{token_hex(4)}")

    def named(self, external_id: str) -> str:
        return external_id.replace("ACC1:", f"{self.prefix}:")

    async def write(self, command: Command) -> Answer:
        return await self.lanes.write(self._own(command))

    async def introduce(self, command: Command) -> Answer:
        return await self.lanes.introduce(self._own(command))

    def _own(self, command: Command) -> Command:
        fields = {name: self._field(value) for name, value in command.fields.items()}
        return command.model_copy(update={"external_id": self.named(command.external_id), "fields": fields})

    def _field(self, value: Field) -> Field:
        match value:
            case Lookup():
                return value.model_copy(update={"external_id": self.named(value.external_id)})
            case Items():
                return value.model_copy(update={"items": tuple(map(self._item, value.items))})
            case _:
                return value

    def _item(self, item: Item) -> Item:
        named = {"key": self.named(item.key), "product": self.named(item.product)}
        return item.model_copy(update=named)


@asynccontextmanager
async def live_org() -> AsyncIterator[Lanes]:
    """Have lanes to the org."""
    domain = _given("DOMAIN")
    credentials = FromTheEnvironment(_given("CLIENT_ID"), _given("CLIENT_SECRET"))
    settings = {ACME: a_connection(salesforce_domain=domain)}
    async with salesforce_rows(settings, credentials, allow_http=domain.startswith("http:")) as lanes:
        yield lanes


def _given(name: str) -> str:
    value = os.environ.get(f"FRESHFORCE_LIVE_SALESFORCE_{name}", "")
    if not value:
        pytest.skip(f"FRESHFORCE_LIVE_SALESFORCE_{name} is not set")
    return value
