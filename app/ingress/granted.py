"""The directory of callbacks, kept as the webhooks grants and the connections say."""

from collections.abc import Iterator, Mapping

from app.freshbooks.signature import Verifier
from app.ingress.callbacks import Callback, Directory, Retiring
from app.vault.access import Grants
from app.vault.grants import Callback as Registered
from app.vault.grants import WebhooksGrant
from streams.domain.connection import Connection
from streams.domain.grant import Side


async def follow(directory: Directory, connections: Mapping[str, Connection], grants: Grants) -> None:
    """Keep the directory current, for as long as the process lives.

    Raises:
        BadKeys, SealBroken: a grant cannot be opened here; without it its webhooks would be turned away.
    """
    while True:
        directory.replace(callbacks(connections, grants))
        await grants.change()


def callbacks(connections: Mapping[str, Connection], grants: Grants) -> Iterator[Callback]:
    """Yield every callback of every connection."""
    for connection in connections.values():
        held = grants.held(WebhooksGrant, connection.name, Side.WEBHOOKS)
        if held is not None:
            yield from (_callback(connection, each) for each in held.grant.callbacks)


def _callback(connection: Connection, registered: Registered) -> Callback:
    return Callback(
        path=registered.path,
        connection=connection.name,
        account=connection.freshbooks_account_id,
        noun=registered.event.partition(".")[0],
        callback_id=registered.callback_id,
        verifiers=tuple(_present(registered)),
        retiring=tuple(_previous(registered)),
    )


def _present(registered: Registered) -> Iterator[Verifier]:
    if registered.verifier is not None and registered.verified:
        yield Verifier.of(registered.verifier.get_secret_value())


def _previous(registered: Registered) -> Iterator[Retiring]:
    if registered.previous is not None and registered.previous_until is not None:
        yield Retiring(Verifier.of(registered.previous.get_secret_value()), registered.previous_until)
