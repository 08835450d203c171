"""When an org is looked at for Orders that people made, and when it is left alone."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from app.poll.findings import Told
from app.poll.looks import Ways, looks, ordered
from app.registry import Registry
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.wire import Reply, Request
from app.vault.access import Grants
from app.vault.grants import SalesforceGrant
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName, ObjectKind
from streams.domain.snapshot import Gone
from streams.ports import Reading
from tests.builders.vault import ACME, NOW, a_sealer, counted_random
from tests.fakes.grants_view import GrantsView
from tests.fakes.virtual_time import simulate
from tests.unit.poll.test_numbered import FakeInvoices

CONNECTION = Connection(name=ACME, freshbooks_account_id=AccountId("x"), poll_jitter_seconds=0)
GRANT = SalesforceGrant(client_id="app", client_secret=SecretStr("canary"))


def a_registry(connection: Connection, *, salesforce: bool = True) -> Registry:
    sealer, view = a_sealer(), GrantsView()
    if salesforce:
        view.put(sealer.seal(GRANT, ACME, 1, NOW))
    grants = Grants(view, sealer, view.write)
    return Registry({ACME: connection}, grants, view.write, lambda: NOW, counted_random(), view.write)


async def silence(_: Request) -> Reply:
    raise AssertionError


async def nothing() -> Told:
    return Told()


@dataclass
class Looks:
    """Notes when it looks, in seconds since the start."""

    at: list[float] = field(default_factory=list)

    async def run_pass(self) -> int:
        self.at.append(round(asyncio.get_running_loop().time()))
        return 0


@pytest.mark.parametrize(
    ("settings", "seen"),
    [({"poll_every_seconds": 5}, [900, 1800, 2700, 3600]), ({"poll_every_seconds": 3600}, [3600])],
    ids=["not more often than every quarter of an hour", "not more often than FreshBooks is polled"],
)
def test_an_org_is_looked_at_now_and_then_and_not_at_a_start(
    settings: Mapping[str, Any], seen: list[float]
) -> None:
    connection, its = CONNECTION.model_copy(update=settings), Looks()

    async def an_hour() -> None:
        schedule = looks(lambda _: its, a_registry(connection))
        schedule.look([connection], {ACME})
        await asyncio.sleep(timedelta(minutes=61).total_seconds())
        await schedule.stop()

    simulate(an_hour())

    assert its.at == seen


class NothingThere(FakeInvoices):
    async def read(self, _: ConnectionName, __: ObjectKind, ___: int) -> Reading:
        return Reading(Gone(), NOW, NOW)


@pytest.mark.parametrize(
    ("settings", "salesforce", "asked"),
    [({}, True, True), ({}, False, False), ({"paused": True}, True, False), ({"removed": True}, True, False)],
    ids=["connected", "not connected to Salesforce yet", "paused", "removed"],
)
def test_only_an_org_that_may_be_asked_is(
    settings: Mapping[str, Any], *, salesforce: bool, asked: bool
) -> None:
    registry = a_registry(CONNECTION.model_copy(update=settings), salesforce=salesforce)

    ways = Ways(orgs(registry, silence, allow_http=False), NothingThere({}))

    look = ordered(CONNECTION, ways, registry, NOW, nothing)

    assert (look.settings() is not None) is asked
