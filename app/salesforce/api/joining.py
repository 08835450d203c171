"""Join a connection to an org: the credentials are tried before anything is written."""

from app.salesforce.api.auth import Session, log_in
from app.salesforce.wire.address import org_origin, origin
from app.salesforce.wire.wire import Send
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured


class OtherOrg(Misconfigured):
    """The connection is joined to another address already."""

    code = "other-org"
    mend = (
        "choose another name: what was delivered is remembered per connection, so orgs never share one; "
        "if it is the same org under a new address, add --moved"
    )


async def joined(  # noqa: PLR0913 - whom, where, as whom, under which rules
    send: Send,
    connection: Connection,
    domain: str,
    client: tuple[str, str],
    *,
    allow_http: bool = False,
    moved: bool = False,
) -> tuple[Connection, Session]:
    """Log in at `domain` and return the connection that names it, with the session.

    Raises:
        OtherOrg: the connection has another address, and it was not said that the org has moved; or the
            org there says that it is another one.
        Misconfigured: the org refuses the log-in; its mend says what to set where.
        Unreachable: no usable answer; try again later.
    """
    address, known = org_origin(domain, allow_http=allow_http), connection.salesforce_domain
    moves = known not in {"", address} and origin(known, allow_http=True) != address
    if moves and not moved:
        message = f"{connection.name} is joined to {connection.salesforce_domain}"
        raise OtherOrg(message)
    session = await log_in(send, address, client, allow_http=allow_http)
    if (
        moves
        and "" not in {connection.salesforce_org, session.org}
        and (connection.salesforce_org != session.org)
    ):
        message = f"{address} is another org than {known}: their ids differ"
        raise OtherOrg(message)
    org = {"salesforce_domain": address, "salesforce_org": session.org or connection.salesforce_org}
    return connection.model_copy(update=org), session
