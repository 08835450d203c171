"""One org's API: log-in by itself, one more after a dead session, pages, limits."""

from dataclasses import dataclass, field
from random import Random

import pytest
from prometheus_client import CollectorRegistry

from app.metrics import Metrics
from app.salesforce.api.client import Client
from app.salesforce.calls.meter import Metered
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.wire.wire import ANSWER_LIMIT, API, Reply, Request
from streams.domain.errors import Misconfigured, RateLimited, Unreachable
from streams.domain.identity import ConnectionName, SalesforceId
from tests.builders.salesforce import ACME, a_connection, a_reply, an_error

BASE = "https://acme.my.salesforce.com"


class OneKey:
    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return "key", "secret"


@dataclass
class Scripted:
    """Says one reply after the other; log-ins always succeed."""

    replies: list[Reply]
    requests: list[Request] = field(default_factory=list)
    log_ins: int = 0

    async def __call__(self, request: Request) -> Reply:
        if request.url.endswith("/oauth2/token"):
            self.log_ins += 1
            return a_reply(200, {"access_token": f"token-{self.log_ins}", "instance_url": BASE})
        self.requests.append(request)
        return self.replies.pop(0)


def a_client(*replies: Reply) -> tuple[Client, Scripted]:
    wire = Scripted(list(replies))
    return Lanes({ACME: a_connection()}, OneKey(), wire, chance=Random(1)).client(ACME), wire


DEAD = a_reply(401, an_error("INVALID_SESSION_ID", "Session expired or invalid"))


async def test_a_call_names_us_and_carries_the_token() -> None:
    client, wire = a_client(a_reply(200, []))

    await client.upsert("Account", "Ext__c", b"{}")

    request = wire.requests[0]
    assert (request.method, request.url) == (
        "PATCH",
        f"{BASE}/services/data/v66.0/composite/sobjects/Account/Ext__c",
    )
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Sforce-Call-Options"].startswith("client=Freshforce/")


async def test_a_dead_session_is_renewed_once_and_the_request_repeated() -> None:
    client, wire = a_client(DEAD, a_reply(200, []))

    reply = await client.upsert("Account", "Ext__c", b"{}")

    assert reply.ok
    assert [request.headers["Authorization"] for request in wire.requests] == [
        "Bearer token-1",
        "Bearer token-2",
    ]


async def test_a_session_that_no_log_in_cures_is_not_renewed_in_a_loop() -> None:
    client, wire = a_client(DEAD, DEAD)

    reply = await client.upsert("Account", "Ext__c", b"{}")

    assert reply.status == 401
    assert wire.log_ins == 2


async def test_a_401_of_another_kind_needs_no_log_in() -> None:
    said = an_error("INVALID_SESSION_ID", "This session is not valid for use with the REST API")
    client, wire = a_client(a_reply(401, said))

    await client.upsert("Account", "Ext__c", b"{}")

    assert wire.log_ins == 1


async def test_a_query_follows_its_pages() -> None:
    more = "/services/data/v66.0/query/01g-2000"
    client, wire = a_client(
        a_reply(
            200, {"totalSize": 3, "done": False, "nextRecordsUrl": more, "records": [{"Id": 1}, {"Id": 2}]}
        ),
        a_reply(200, {"totalSize": 3, "done": True, "records": [{"Id": 3}]}),
    )

    rows = [row["Id"] async for row in client.query("SELECT Id FROM Account WHERE Name = 'A&B'")]

    assert rows == [1, 2, 3]
    assert wire.requests[0].url.endswith(
        "query?q=SELECT%20Id%20FROM%20Account%20WHERE%20Name%20%3D%20%27A%26B%27"
    )
    assert wire.requests[1].url == BASE + more


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (a_reply(404, an_error("NOT_FOUND", "The requested resource does not exist")), Misconfigured),
        (a_reply(403, an_error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")), RateLimited),
        (a_reply(503, page="<html></html>"), Unreachable),
        (a_reply(200, page="<html></html>"), Unreachable),
        (a_reply(200, {"fields": "none"}), Unreachable),
    ],
)
async def test_a_describe_that_fails_raises_its_meaning(reply: Reply, error: type[Exception]) -> None:
    client, _ = a_client(reply)

    with pytest.raises(error):
        await client.describe("Account")


async def test_a_query_answer_without_records_is_no_answer() -> None:
    client, _ = a_client(a_reply(200, {"done": True}))

    with pytest.raises(Unreachable):
        [row async for row in client.query("SELECT Id FROM Account")]


async def test_a_page_elsewhere_does_not_get_our_token() -> None:
    client, wire = a_client(a_reply(200, {"records": [], "nextRecordsUrl": "@evil.example/query"}))

    with pytest.raises(Unreachable):
        [row async for row in client.query("SELECT Id FROM Account")]

    assert len(wire.requests) == 1


async def test_every_answer_tells_the_limit_even_a_refusal() -> None:
    client, _ = a_client(a_reply(404, an_error("NOT_FOUND"), sforce_limit_info="api-usage=264/15000"))

    await client.upsert("Account", "Ext__c", b"{}")

    assert (client.budget.used, client.budget.limit) == (264, 15000)


async def test_calls_are_counted_even_without_an_answer() -> None:
    registry = CollectorRegistry()

    class Silent(Scripted):
        async def __call__(self, request: Request) -> Reply:
            if request.url.endswith("/oauth2/token"):
                return await super().__call__(request)
            raise Unreachable(API, "reset")

    lanes = Lanes(
        {ACME: a_connection()}, OneKey(), Silent([]), chance=Random(1), meter=Metered(Metrics(registry))
    )

    with pytest.raises(Unreachable):
        await lanes.client(ACME).describe("Account")

    labels = {"connection": ACME, "kind": "describe", "meaning": "no-answer"}
    assert registry.get_sample_value("freshforce_salesforce_calls_total", labels) == 1


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (Reply(200, {}, b" [1]\n"), "ok"),
        (Reply(204, {}, b""), "ok"),
        (Reply(200, {}, b""), "no-answer"),
        (Reply(200, {}, b"<html></html>"), "no-answer"),
        (Reply(200, {}, b'[{"id":"001'), "no-answer"),
        (a_reply(503, page="<html></html>"), "transient"),
    ],
)
async def test_what_cannot_be_an_answer_of_salesforces_does_not_count_as_one(
    reply: Reply, meaning: str
) -> None:
    registry = CollectorRegistry()
    wire, meter = Scripted([reply]), Metered(Metrics(registry))
    client = Lanes({ACME: a_connection()}, OneKey(), wire, chance=Random(1), meter=meter).client(ACME)

    await client.upsert("Account", "Ext__c", b"{}")

    labels = {"connection": ACME, "kind": "upsert", "meaning": meaning}
    assert registry.get_sample_value("freshforce_salesforce_calls_total", labels) == 1


async def test_one_record_is_changed_by_its_id() -> None:
    client, wire = a_client(Reply(204, {}, b""))

    reply = await client.update("Account", SalesforceId("001000000000001AAA"), b'{"Ext__c":"A:1"}')

    assert reply.ok
    request = wire.requests[0]
    assert request.method == "PATCH"
    assert request.url == f"{BASE}/services/data/v66.0/sobjects/Account/001000000000001AAA"


async def test_long_lists_are_asked_for_in_parts() -> None:
    pages = [a_reply(200, {"done": True, "records": [{"Id": number}]}) for number in range(3)]
    client, wire = a_client(*pages)
    values = [f"someone.{number}@a-rather-long-host-name.example.com" for number in range(600)]

    rows = [row["Id"] async for row in client.query_in("SELECT Id FROM Account WHERE Email__c IN", values)]

    assert rows == [0, 1, 2]
    assert all(len(request.url) < 16_384 for request in wire.requests)


async def test_each_request_states_how_large_an_answer_makes_sense() -> None:
    client, wire = a_client(a_reply(200, []), a_reply(200, {"name": "Account", "fields": []}))

    await client.upsert("Account", "Ext__c", b"{}")
    await client.describe("Account")

    results, description = (request.answer_limit for request in wire.requests)
    assert results < description <= ANSWER_LIMIT
