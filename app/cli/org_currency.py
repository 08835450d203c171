"""What currency an org's amounts are in: asked of the org, else of the person who connects it."""

import os
import sys

import click

from app.cli.clock import now
from app.connect.changing import change
from app.registry import Registry, open_registry
from app.salesforce.lanes.orgs import orgs
from app.salesforce.shape.describe import shape_of
from app.salesforce.wire.transport import QUICK, transport
from app.settings import Settings
from streams.domain.command import SObject
from streams.domain.errors import FreshforceError
from streams.domain.identity import ConnectionName


async def settled(settings: Settings, name: ConnectionName, given: str | None, *, ask: bool) -> str | None:
    """Keep the currency of a connection's org and return it; None where each amount has its own.

    Raises:
        BadChange: what was given is no currency.
    """
    async with open_registry(settings, now, os.urandom) as registry:
        if given is None and await _has_several(settings, registry, name):
            return None
        known = registry[name].org_currency
        if given is None and ask and sys.stdin.isatty():
            given = click.prompt("The org's currency (Setup → Company Information)", default=known)
        if given is None:
            return known
        after = await change(registry, name, {"org_currency": given.strip().upper()})
        return after.org_currency


def told(name: str, currency: str | None) -> str:
    """Return what was taken, in words, and how to change it."""
    if currency is None:
        return "each in its own currency, the org has several"
    return f"{currency} is the org's own; otherwise: freshforce connections set {name} org_currency=CODE"


async def _has_several(settings: Settings, registry: Registry, name: ConnectionName) -> bool:
    """Tell whether the org's rows say what they are amounts of; not so where it cannot be seen yet."""
    async with transport(QUICK) as send:
        lanes = orgs(registry, send, allow_http=settings.allow_http_vendors)
        try:
            return shape_of(await lanes.client(name).describe(SObject.OPPORTUNITY.value)).many_currencies
        except FreshforceError:
            return False
