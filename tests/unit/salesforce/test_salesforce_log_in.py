"""Logging in: whom we trust with the secret, what a refusal means, and one log-in for all who wait."""

import asyncio

import pytest

from app.log_ins import LogIns
from app.salesforce.api.auth import Door, Session, log_in
from app.salesforce.wire.address import BadAddress, instance, org_origin, origin
from app.salesforce.wire.wire import Reply, Request
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Unreachable
from streams.domain.identity import ConnectionName
from tests.builders.salesforce import ACME, a_connection, a_reply

HOST = "https://acme.my.salesforce.com"
GRANTED = {
    "access_token": "00D!AQ",
    "signature": "c2ln",
    "scope": "api",
    "instance_url": HOST,
    "id": "https://login.salesforce.com/id/00D000000000000AAA/005000000000000AAA",
    "token_type": "Bearer",
    "issued_at": "1741000000000",
}


class OneKey:
    async def salesforce(self, connection: ConnectionName, _: str) -> tuple[str, str]:
        return f"id of {connection}", "p&ss=word"


class Answering:
    """A token endpoint that says one thing."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Reply:
        self.requests.append(request)
        await asyncio.sleep(0)
        return self.reply


async def test_a_log_in_asks_my_domain_with_client_credentials() -> None:
    wire = Answering(a_reply(200, GRANTED))

    session = await log_in(wire, "acme.my.salesforce.com", ("key", "p&ss=word"))

    assert session == Session("00D!AQ", HOST, "acme.my.salesforce.com")
    assert wire.requests[0].url == f"{HOST}/services/oauth2/token"
    assert wire.requests[0].body == b"grant_type=client_credentials&client_id=key&client_secret=p%26ss%3Dword"


@pytest.mark.parametrize(
    ("status", "error", "description", "code"),
    [
        (400, "invalid_grant", "no client credentials user enabled", "no-run-as-user"),
        (400, "invalid_grant", "request not supported on this domain", "wrong-host"),
        (400, "invalid_client_id", "client identifier invalid", "wrong-client-id"),
        (400, "invalid_client", "invalid client credentials", "wrong-client-secret"),
        (401, "invalid_client", "invalid client credentials", "wrong-client-secret"),
        (400, "unsupported_grant_type", "grant type not supported", "flow-disabled"),
        (400, "invalid_grant", "client credentials flow not enabled", "flow-disabled"),
        (400, "invalid_app_access", "user is not admin approved to access this app", "not-approved"),
        (400, "invalid_grant", "user is not admin approved to access this app", "not-approved"),
        (400, "inactive_user", "user is inactive", "inactive-user"),
        (400, "something_new", None, "login-refused"),
    ],
)
async def test_a_refused_log_in_names_its_mend(
    status: int, error: str, description: str | None, code: str
) -> None:
    said = {"error": error} | ({"error_description": description} if description else {})

    with pytest.raises(Misconfigured) as refused:
        await log_in(Answering(a_reply(status, said)), HOST, ("key", "secret"))

    assert refused.value.code == code
    assert refused.value.mend


@pytest.mark.parametrize("status", [500, 502, 503, 420, 429])
async def test_a_log_in_that_finds_nobody_at_home_is_tried_again(status: int) -> None:
    with pytest.raises(Unreachable):
        await log_in(Answering(a_reply(status, page="<html></html>")), HOST, ("key", "secret"))


async def test_too_many_log_ins_are_no_fault_of_the_settings() -> None:
    said = {"error": "invalid_grant", "error_description": "login rate exceeded"}

    with pytest.raises(Unreachable):
        await log_in(Answering(a_reply(400, said)), HOST, ("key", "secret"))


async def test_a_host_without_salesforce_is_a_fault_of_the_settings() -> None:
    with pytest.raises(Misconfigured, match="no Salesforce log-in"):
        await log_in(Answering(a_reply(404, page="<html></html>")), HOST, ("key", "secret"))


async def test_a_token_is_never_carried_to_a_strangers_host() -> None:
    elsewhere = GRANTED | {"instance_url": "https://acme.my.salesforce.com.evil.example"}

    with pytest.raises(BadAddress, match="not Salesforce's"):
        await log_in(Answering(a_reply(200, elsewhere)), HOST, ("key", "secret"))


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.my.salesforce.com",
        "https://evil.example",
        "https://x.salesforce.com:8443",
        "https://a@b.example",
    ],
)
def test_an_instance_is_salesforces_or_the_connections_own(url: str) -> None:
    with pytest.raises(BadAddress):
        instance(url, "https://acme.my.salesforce.com")


def test_a_sandbox_serves_its_own_host_over_http_when_that_is_allowed() -> None:
    own = origin("http://127.0.0.1:9001", allow_http=True)

    assert instance("http://127.0.0.1:9001/", own, allow_http=True) == own


@pytest.mark.parametrize(
    "domain",
    [
        "https://login.salesforce.com",
        "test.salesforce.com",
        "http://acme.example",
        "https://",
        "x.y/path",
        "https://acme.my.salesforce.com:99999",
        "https://acme.my.salesforce.com:x",
        "https://[acme",
    ],
)
def test_an_address_that_is_no_orgs_is_refused(domain: str) -> None:
    with pytest.raises(BadAddress) as refused:
        origin(domain)

    assert refused.value.mend


@pytest.mark.parametrize(
    "domain", ["https://acme.example", "https://salesforce.com.evil.example", "https://127.0.0.1"]
)
def test_a_client_secret_goes_to_no_host_but_salesforces(domain: str) -> None:
    with pytest.raises(BadAddress, match="not under a domain of Salesforce's"):
        org_origin(domain)


def a_door(wire: Answering, settings: dict[ConnectionName, Connection] | None = None) -> Door:
    return Door(
        ACME, {ACME: a_connection()} if settings is None else settings, OneKey(), wire, log_ins=LogIns()
    )


async def test_all_who_find_the_session_dead_share_one_log_in() -> None:
    wire = Answering(a_reply(200, GRANTED))
    door = a_door(wire)
    dead = await door.session()

    renewed = await asyncio.gather(*(door.renew(dead) for _ in range(20)))

    assert len(wire.requests) == 2
    assert all(session is renewed[0] for session in renewed)


async def test_a_late_401_of_an_older_token_does_not_log_in_again() -> None:
    wire = Answering(a_reply(200, GRANTED))
    door = a_door(wire)
    dead = await door.session()
    fresh = await door.renew(dead)

    assert await door.renew(dead) is fresh
    assert len(wire.requests) == 2


async def test_a_changed_domain_is_logged_in_to() -> None:
    settings = {ACME: a_connection()}
    wire = Answering(a_reply(200, GRANTED))
    door = a_door(wire, settings)
    await door.session()

    settings[ACME] = a_connection(salesforce_domain="https://other.my.salesforce.com")
    await door.session()

    assert wire.requests[1].url == "https://other.my.salesforce.com/services/oauth2/token"


@pytest.mark.parametrize("settings", [{}, {ACME: a_connection(salesforce_domain="")}])
async def test_a_connection_without_an_org_says_so(settings: dict[ConnectionName, Connection]) -> None:
    with pytest.raises(Misconfigured, match="has no Salesforce org"):
        await a_door(Answering(a_reply(200, GRANTED)), settings).session()


def test_no_secret_is_in_a_repr() -> None:
    session = Session("00D!SECRET", HOST, HOST)
    request = Request("POST", HOST, {"Authorization": "Bearer 00D!SECRET"}, b"client_secret=SECRET")

    assert "SECRET" not in f"{session!r} {request!r} {a_reply(200, {'access_token': 'SECRET'})!r}"
