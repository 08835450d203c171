"""A connection at a glance: what is joined, and whether its credentials can be used. No secrets."""

from collections.abc import Callable
from typing import Any

from app.registry import Registry
from app.vault.access import Held
from app.vault.grants import FreshBooksGrant, SalesforceGrant, WebhooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.grant import Side


def overview(registry: Registry, connection: Connection) -> dict[str, Any]:
    """Return the state of a connection as plain values."""
    grants, name = registry.grants, connection.name
    freshbooks = _state(lambda: _freshbooks(grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)))
    salesforce = _state(lambda: _salesforce(grants.held(SalesforceGrant, name, Side.SALESFORCE)))
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


def _salesforce(held: Held[SalesforceGrant] | None) -> str:
    return "not connected" if held is None else "ok"


def _freshbooks(held: Held[FreshBooksGrant] | None) -> str:
    return "not connected" if held is None else held.grant.status.value


def _webhooks(held: Held[WebhooksGrant] | None) -> str:
    callbacks = () if held is None else held.grant.callbacks
    return f"{sum(each.verified for each in callbacks)} of {len(callbacks)} verified"
