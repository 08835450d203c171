"""Connect Salesforce: credentials that log in become a grant and a connection."""

from pydantic import SecretStr

from app.connect.twins import refuse_twin
from app.registry import Registry
from app.salesforce.auth import Session
from app.salesforce.client import Client
from app.salesforce.joining import joined
from app.salesforce.log_in_audit import by_a_person
from app.salesforce.orgs import orgs
from app.salesforce.wire import Send
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
    """Log in at `domain` as `client` (id and secret), then write connection and grant.

    Raises:
        Twin: another connection joins the same FreshBooks account to that org.
        OtherOrg: the connection has another address, and it was not said that the org has moved.
        Misconfigured: the org refuses the log-in; its mend says what to set where.
        Unreachable: Salesforce or Kafka gives no usable answer; try again later.
    """
    plain, told = (client[0], client[1].get_secret_value()), by_a_person(registry)
    try:
        after, session = await joined(send, connection, domain, plain, allow_http=allow_http, moved=moved)
    except FreshforceError as refused:
        told(connection.name, refused)
        raise
    told(connection.name, session)
    refuse_twin(registry, after)
    await registry.keep(after)  # first: whoever sees the grant finds the connection
    grant = SalesforceGrant(client_id=client[0], client_secret=client[1])
    await registry.replace(after, grant, Side.SALESFORCE, "Salesforce was connected")
    return after, session


def org(registry: Registry, send: Send, connection: Connection, *, allow_http: bool) -> Client:
    """Return a client of the connection's org, with a lane and a session of its own."""
    return orgs(registry, send, allow_http=allow_http).client(connection.name)
