"""A connection as it is now, for those who have waited for a person: it may have been changed meanwhile."""

from app.registry import Registry, RemovedMeanwhile
from app.vault.grants import FreshBooksGrant, SalesforceGrant
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.grant import Side, grant_key
from streams.topics import GRANTS


async def as_it_is(registry: Registry, asked: Connection) -> Connection:
    """Return the connection as all that was written by now has it: it was `asked` for some time ago.

    Raises:
        RemovedMeanwhile: it is not the one any more.
    """
    await registry.read_on()
    return still(registry, asked)


def still(registry: Registry, asked: Connection) -> Connection:
    """Return the connection as it is known here, if it is the one that was `asked` for.

    Raises:
        RemovedMeanwhile: it is not.
    """
    now = registry.taken(asked.name)
    if now.life != asked.life:
        raise RemovedMeanwhile.of(asked)
    return now


async def joined_for_good(registry: Registry, connection: Connection, side: Side) -> None:
    """See that nobody removed the connection while its grant was put: removing deletes what is there by then.

    Raises:
        RemovedMeanwhile: somebody did; the grant is deleted, too. One of a life that has begun since stays.
    """
    try:
        await as_it_is(registry, connection)
    except RemovedMeanwhile:
        stands = await registry.grants.newest(connection.name, side)
        if stands is not None and stands.generation < registry.taken(connection.name).first_generation:
            await registry.erase(GRANTS, grant_key(connection.name, side))
        raise


async def bind_old_secrets(registry: Registry, connection: Connection) -> None:
    """Write into grants that do not say so that they are for the addresses which `connection` has so far.

    Before the first change of an address: afterwards nobody could tell. Nothing else of a grant changes, so
    a renewal that is under way goes on.
    """
    freshbooks, salesforce = connection.freshbooks_api_url, connection.salesforce_domain
    await _bind(registry, connection, FreshBooksGrant, Side.FRESHBOOKS, freshbooks)
    await _bind(registry, connection, SalesforceGrant, Side.SALESFORCE, salesforce)


async def _bind(
    registry: Registry,
    connection: Connection,
    kind: type[FreshBooksGrant | SalesforceGrant],
    side: Side,
    address: str,
) -> None:
    grants = registry.grants
    while address and (sealed := await grants.newest(connection.name, side)) is not None:
        try:
            inner = grants.sealer.open(kind, sealed)
        except Permanent:  # nobody can use it here; whoever connects anew replaces it
            return
        if inner.address:
            return
        bound = inner.model_copy(update={"address": address})
        if await grants.put(grants.sealer.over(bound, sealed)):
            return
