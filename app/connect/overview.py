"""A connection at a glance: what is joined, and whether its credentials can be used. No secrets."""

from collections.abc import Callable
from typing import Any

from app.registry import Registry
from app.vault.access import Held
from app.vault.elsewhere import refuse_elsewhere
from app.vault.grants import FreshBooksGrant, SalesforceGrant, WebhooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.grant import Side


def overview(registry: Registry, connection: Connection) -> dict[str, Any]:
    """Return the state of a connection as plain values."""
    grants, name = registry.grants, connection.name
    freshbooks = _state(lambda: _freshbooks(connection, grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)))
    salesforce = _state(lambda: _salesforce(connection, grants.held(SalesforceGrant, name, Side.SALESFORCE)))
    return {
        "connection": name,
        "paused": connection.paused,
        "account": connection.freshbooks_account_id,
        "freshbooks": freshbooks,
        "domain": connection.salesforce_domain,
        "salesforce": salesforce,
        "webhooks": _state(lambda: _webhooks(grants.held(WebhooksGrant, name, Side.WEBHOOKS))),
        "polled": connection.polled,
        "well": freshbooks == salesforce == "ok",
    }


def _state(look: Callable[[], str]) -> str:
    """Return what `look` finds; a seal that does not open is a state, too, and hides no other connection."""
    try:
        return look()
    except Permanent as closed:
        return closed.code


def _salesforce(connection: Connection, held: Held[SalesforceGrant] | None) -> str:
    if held is None:
        return "not connected"
    refuse_elsewhere(connection.name, Side.SALESFORCE, held.grant.address, connection.salesforce_domain)
    return "ok"


def _freshbooks(connection: Connection, held: Held[FreshBooksGrant] | None) -> str:
    if held is None:
        return "not connected"
    refuse_elsewhere(connection.name, Side.FRESHBOOKS, held.grant.address, connection.freshbooks_api_url)
    return held.grant.status.value


def _webhooks(held: Held[WebhooksGrant] | None) -> str:
    callbacks = () if held is None else held.grant.callbacks
    return f"{sum(each.verified for each in callbacks)} of {len(callbacks)} verified"
