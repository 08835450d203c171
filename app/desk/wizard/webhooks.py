"""Step 4, webhooks: one callback per noun, and how far each handshake is, live."""

from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from app.connect.callbacks import NOUNS, Standing
from app.connect.webhooks import PATIENCE, Webhooks
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.shown import step_page
from app.desk.works import Work
from app.vault.grants import Callback, WebhooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.grant import Side

WHAT: Final = "webhooks"
_SHOWN: Final = 6
"""Characters of a path that are shown: who has it all can post to us."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """One callback: what is known of it now."""

    noun: str
    where: str
    says: str
    well: bool


async def show(request: web.Request) -> web.Response:
    """Show how each callback stands."""
    desk, connection = desk_of(request), connection_of(request)
    held = desk.registry.grants.held(WebhooksGrant, connection.name, Side.WEBHOOKS)
    shaken = handshakes(held.grant if held else WebhooksGrant())
    work = desk.works.get((connection.name, WHAT))
    facts: dict[str, Any] = {"work": work, "handshakes": shaken, "base": _address(desk, connection)}
    return step_page(request, connection, WHAT, well=all(each.well for each in shaken), **facts)


async def register(request: web.Request) -> web.Response:
    """Make or mend the callbacks; the page then follows the handshakes."""
    desk, connection = desk_of(request), connection_of(request)
    desk.works.begin((connection.name, WHAT), lambda begun: _register(desk, connection, begun))
    desk.works.forget((connection.name, "check"))
    return see(f"/connections/{connection.name}/webhooks")


def handshakes(grant: WebhooksGrant) -> list[Handshake]:
    """Return one line per noun, those without a callback too."""
    by_noun = {each.event: each for each in grant.callbacks}
    return [_handshake(noun, by_noun.get(noun)) for noun in NOUNS]


def _handshake(noun: str, callback: Callback | None) -> Handshake:
    if callback is None:
        return Handshake(noun, "", "not registered yet", well=False)
    head, _, path = callback.uri.rpartition("/")
    where = f"{head}/{path[:_SHOWN]}…"
    if callback.verified:
        return Handshake(noun, where, "verified by FreshBooks", well=True)
    if callback.verifier is not None:
        return Handshake(noun, where, "code received, waits for FreshBooks to confirm it", well=False)
    return Handshake(noun, where, "registered, waits for FreshBooks to post its code", well=False)


async def _register(
    desk: Desk, connection: Connection, begun: Work[tuple[Standing, ...]]
) -> tuple[Standing, ...]:
    begun.says = "registering and shaking hands"
    base = _address(desk, connection)
    if not base:
        message = "there is no public URL at which FreshBooks could reach the ingress"
        raise Misconfigured(message, "set FRESHFORCE_PUBLIC_URL and start the roles again", "no-public-url")
    http = desk.settings.allow_http_vendors
    return await Webhooks(desk.registry, desk.session, connection, http).register(base, PATIENCE)


def _address(desk: Desk, connection: Connection) -> str:
    return connection.webhook_uri_base or desk.settings.public_url


ROUTES: Final = (
    web.get("/connections/{name}/webhooks", show),
    web.post("/connections/{name}/webhooks", register),
)
