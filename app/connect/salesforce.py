"""Connect Salesforce: credentials that log in become a grant and a connection."""

from pydantic import SecretStr

from app.connect.meanwhile import as_it_is, joined_for_good
from app.connect.refusals import refusals_said
from app.connect.twins import write_alone
from app.registry import Registry
from app.salesforce.api.auth import Session
from app.salesforce.api.client import Client
from app.salesforce.api.joining import OtherOrg, joined
from app.salesforce.api.log_in_audit import by_a_person
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.wire import Send
from app.vault.grants import SalesforceGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.domain.grant import Side


async def connect(  # noqa: PLR0913 - whom, where, as whom, under which rules
    registry: Registry,
    send: Send,
    connection: Connection,
    domain: str,
    client: tuple[str, SecretStr],
    *,
    allow_http: bool = False,
    moved: bool = False,
) -> tuple[Connection, Session]:
    """Log in at `domain` as `client` (id and secret), then write the connection's org, and the grant.

    Whatever else was changed since `connection` was looked up stays as it is now.

    Raises:
        Twin: another connection joins the same FreshBooks account to that org.
        OtherOrg: the connection has another address, and it was not said that the org has moved; or it has
            not moved, but is another one.
        RemovedMeanwhile: a person removed the connection.
        Misconfigured: the org refuses the log-in; its mend says what to set where.
        Unreachable: Salesforce or Kafka gives no usable answer; try again later.
    """
    plain, told = (client[0], client[1].get_secret_value()), by_a_person(registry)
    try:
        registry.log_ins.count(connection.name)
        wished, session = await joined(send, connection, domain, plain, allow_http=allow_http, moved=moved)
    except FreshforceError as refused:
        told(connection.name, refused)
        raise
    told(connection.name, session)
    async with refusals_said(registry, connection, "Salesforce"):
        after = await _written(registry, connection, wished)  # first: who sees the grant finds the connection
    grant = SalesforceGrant(client_id=client[0], client_secret=client[1], address=wished.salesforce_domain)
    await registry.replace(after, grant, Side.SALESFORCE, "Salesforce was connected")
    await joined_for_good(registry, after, Side.SALESFORCE)
    return after, session


async def _written(registry: Registry, connection: Connection, wished: Connection) -> Connection:
    """Write the org of `wished` over the connection as it is now, and return that."""
    now = await as_it_is(registry, connection)
    if now.salesforce_domain not in {connection.salesforce_domain, wished.salesforce_domain}:
        message = f"{now.name} was joined to {now.salesforce_domain} meanwhile"
        raise OtherOrg(message)
    org_now = {"salesforce_domain": wished.salesforce_domain, "salesforce_org": wished.salesforce_org}
    return await write_alone(registry, now, now.model_copy(update=org_now))


def org(registry: Registry, send: Send, connection: Connection, *, allow_http: bool) -> Client:
    """Return a client of the connection's org, with a lane and a session of its own."""
    return orgs(registry, send, allow_http=allow_http).client(connection.name)
