"""Two connections with the same books and the same org would write the same rows, each over the other."""

from collections.abc import Iterable
from typing import Final

from app.connect.meanwhile import as_it_is, bind_old_secrets
from app.registry import Registry
from app.salesforce.checkup import Finding
from app.salesforce.wire.address import origin
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured

_JOINED: Final = (
    "freshbooks_account_id",
    "freshbooks_api_url",
    "freshbooks_auth_url",
    "copied",
    "salesforce_domain",
    "salesforce_org",
)


class Twin(Misconfigured):
    """Another connection joins the same FreshBooks account to the same org."""

    code = "twin-connection"
    mend = "go on with that one, or remove it first: freshforce connections remove NAME"

    @classmethod
    def of(cls, other: Connection) -> "Twin":
        """Return the refusal that names the other one."""
        return cls(f"{other.name} joins FreshBooks account {other.freshbooks_account_id} to the same org")


async def write_alone(registry: Registry, before: Connection, after: Connection) -> Connection:
    """Write what `after` says of account, books, org and addresses; return the connection as it then is.

    Nothing is written while another connection is the same; nothing else that `before` says is, either.

    Two may become the same at once, each unseen by the other; of those the later one, who sees the earlier
    one after writing, takes it back. Where both see each other, both do, and a person begins again.

    Raises:
        Twin: names the other one; the connection is as it was.
    """
    refuse_twin(registry, after)
    joins = [name for name in _JOINED if getattr(before, name) != getattr(after, name)]
    was = registry.connections.get(before.name)
    if not {"freshbooks_api_url", "salesforce_domain"}.isdisjoint(joins):
        await bind_old_secrets(registry, before)
    after = _with(await as_it_is(registry, before), after, joins)
    await registry.keep(after)
    await registry.read_on()
    other = twin(registry, after)
    if other is not None and _rows(before) != _rows(after):
        back = _with(registry.connections[before.name], before, joins)
        nobodys = was is None or was.removed
        await registry.keep(back.model_copy(update={"removed": True}) if nobodys else back)
        raise Twin.of(other)
    return after


def _with(connection: Connection, told: Connection, fields: Iterable[str]) -> Connection:
    """Return the connection with `fields` as another state of it has them."""
    return connection.model_copy(update={name: getattr(told, name) for name in fields})


def refuse_twin(registry: Registry, connection: Connection) -> None:
    """Let a connection become what another one is already by no means; what it is already, it may stay.

    Raises:
        Twin: names the other one; nothing was written.
    """
    other = twin(registry, connection)
    known = registry.connections.get(connection.name)
    if other is not None and (known is None or _rows(known) != _rows(connection)):
        raise Twin.of(other)


def twin(registry: Registry, connection: Connection) -> Connection | None:
    """Return another connection that writes the same rows; None when there is none."""
    if connection.freshbooks_account_id is None or not connection.salesforce_domain:
        return None
    others = (each for each in registry.all() if each.name != connection.name)
    return next((each for each in others if _same_rows(each, connection)), None)


def twin_finding(registry: Registry, connection: Connection) -> list[Finding]:
    """Return what `ping` says of a twin; nothing where there is none."""
    other = twin(registry, connection)
    if other is None:
        return []
    says = f"{other.name} writes the same rows: same FreshBooks account, same org"
    return [Finding("connection", well=False, says=says, mend=f"freshforce connections remove {other.name}")]


def _rows(connection: Connection) -> tuple[object, ...]:
    """Return what makes its rows its own: the external ids begin with the account, and stand in one org."""
    return connection.freshbooks_account_id, _host(connection)


def _same_rows(one: Connection, other: Connection) -> bool:
    """Tell whether both write the same rows; an org is known by its id, whatever its address is now."""
    if one.freshbooks_account_id != other.freshbooks_account_id:
        return False
    return _host(one) == _host(other) or "" != one.salesforce_org == other.salesforce_org


def _host(connection: Connection) -> str:
    domain = connection.salesforce_domain
    return domain and origin(domain, allow_http=True)
