"""Two connections with the same books and the same org would write the same rows, each over the other."""

from app.registry import Registry
from app.salesforce.checkup import Finding
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured


class Twin(Misconfigured):
    """Another connection joins the same FreshBooks account to the same org."""

    code = "twin-connection"
    mend = "go on with that one, or remove it first: freshforce connections remove NAME"


def refuse_twin(registry: Registry, connection: Connection) -> None:
    """Let a connection become what another one is already by no means; what it is already, it may stay.

    Raises:
        Twin: names the other one; nothing was written.
    """
    other = twin(registry, connection)
    known = registry.connections.get(connection.name)
    if other is not None and (known is None or _rows(known) != _rows(connection)):
        message = f"{other.name} joins FreshBooks account {connection.freshbooks_account_id} to the same org"
        raise Twin(message)


def twin(registry: Registry, connection: Connection) -> Connection | None:
    """Return another connection that writes the same rows; None when there is none."""
    if connection.freshbooks_account_id is None or not connection.salesforce_domain:
        return None
    others = (each for each in registry.all() if each.name != connection.name)
    return next((each for each in others if _rows(each) == _rows(connection)), None)


def twin_finding(registry: Registry, connection: Connection) -> list[Finding]:
    """Return what `ping` says of a twin; nothing where there is none."""
    other = twin(registry, connection)
    if other is None:
        return []
    says = f"{other.name} writes the same rows: same FreshBooks account, same org"
    return [Finding("connection", well=False, says=says, mend=f"freshforce connections remove {other.name}")]


def _rows(connection: Connection) -> tuple[object, ...]:
    """Return what makes its rows its own: the external ids begin with the account, and stand in one org."""
    return connection.freshbooks_account_id, connection.salesforce_domain
