"""Orgs that pages and commands ask by themselves: each time anew, and bounded all the same."""

import os

import pytest

from app.log_ins import MOST, TooManyLogIns
from app.registry import Registry
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.wire import Reply, Request
from app.vault.access import Grants
from app.vault.grants import SalesforceGrant
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import Misconfigured
from streams.domain.message import Value
from tests.builders.salesforce import ACME, a_connection, a_reply
from tests.builders.vault import NOW, a_sealer
from tests.fakes.grants_view import GrantsView


async def refusing(_: Request) -> Reply:
    return a_reply(400, {"error": "invalid_client_id", "error_description": "client identifier invalid"})


async def test_pages_that_log_in_each_anew_are_bounded_together_and_each_refusal_is_said() -> None:
    said: list[AuditEntry] = []

    async def write(*values: Value) -> None:
        said.extend(each for each in values if isinstance(each, AuditEntry))

    grant = SalesforceGrant.model_validate({"client_id": "1", "client_secret": "2"})
    view = GrantsView(a_sealer().seal(grant, ACME, 1, NOW))
    registry = Registry(
        {ACME: a_connection()}, Grants(view, a_sealer()), write, lambda: NOW, os.urandom, write
    )

    for _ in range(MOST):
        with pytest.raises(Misconfigured):
            await orgs(registry, refusing, allow_http=False).client(ACME).describe("Account")
    with pytest.raises(TooManyLogIns, match="50 log-ins within an hour"):
        await orgs(registry, refusing, allow_http=False).client(ACME).describe("Account")
    await registry.chores.done()

    assert [each.verdict for each in said] == [Verdict.AUTH_FAILED] * (MOST + 1)
    assert len({each.id for each in said}) == MOST + 1
