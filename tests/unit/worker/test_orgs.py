"""What the worker's orgs are made of: log-ins that are bounded by its share, and said in the audit."""

import os

import pytest
from prometheus_client import CollectorRegistry

from app.log_ins import TooManyLogIns
from app.metrics import Metrics
from app.registry import Registry
from app.salesforce.api.client import Client
from app.settings import Settings
from app.vault.access import Grants
from app.vault.grants import SalesforceGrant
from app.worker.main import orgs
from streams.domain.audit import AuditEntry, Step
from streams.domain.connection import Connection
from streams.domain.errors import Unreachable
from streams.domain.message import Value
from tests.builders.vault import ACME, NOW, a_sealer
from tests.fakes.grants_view import GrantsView

ALL = 1024
"""Partitions, as many as there may be: each worker's share is 3 of 3,200."""
NOBODY = "http://127.0.0.1:9"


async def test_a_worker_logs_in_no_oftener_than_its_share_of_all_workers() -> None:
    said: list[AuditEntry] = []

    async def write(*values: Value) -> None:
        said.extend(each for each in values if isinstance(each, AuditEntry))

    sealed = a_sealer().seal(SalesforceGrant(client_id="1", client_secret="2"), ACME, 1, NOW)
    connections: dict[str, Connection] = {ACME: Connection(name=ACME, salesforce_domain=NOBODY)}
    registry = Registry(
        connections, Grants(GrantsView(sealed), a_sealer()), write, lambda: NOW, os.urandom, write
    )
    settings = Settings(_env_file=None, partitions=ALL, allow_http_vendors=True)
    async with orgs(settings, registry, Metrics(CollectorRegistry()), lambda: None) as lanes:
        client = lanes.client(ACME)
        refused = [await _refused(client) for _ in range(4)]
    await registry.chores.done()

    assert [type(each) for each in refused] == [Unreachable] * 3 + [TooManyLogIns]
    assert {(each.step, each.connection) for each in said} == {(Step.DELIVER, ACME)}
    assert len(said) == 2


async def _refused(client: Client) -> Unreachable:
    with pytest.raises(Unreachable) as refused:
        await client.describe("Account")
    return refused.value
