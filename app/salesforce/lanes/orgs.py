"""The orgs of an installation's connections, for commands and pages that ask them themselves."""

from random import Random

from app.registry import Registry
from app.salesforce.api.log_in_audit import by_a_person
from app.salesforce.lanes.lanes import Lanes
from app.salesforce.wire.wire import Send
from app.vault.credentials import KeptCredentials


def orgs(registry: Registry, send: Send, *, allow_http: bool) -> Lanes:
    """Return the way to the orgs of all connections; log-ins are audited, and bounded for the process."""
    return Lanes(
        registry.connections,
        KeptCredentials(registry.grants),
        send,
        chance=Random(),  # noqa: S311 - jitter needs no secrecy
        allow_http=allow_http,
        told=by_a_person(registry),
        log_ins=registry.log_ins,
    )
