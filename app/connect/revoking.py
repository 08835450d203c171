"""Tokens that wait for a choice which nobody will make any more end at FreshBooks, before we forget them."""

from contextlib import suppress
from typing import Final

from aiohttp import ClientSession

from app.freshbooks.door import Door
from app.freshbooks.oauth import OAuthApp, revoke
from app.registry import Registry
from app.vault.grants import ConsentGrant, FreshBooksGrant
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Transient
from streams.domain.grant import Side

BY_HAND: Final = "or take back the app's access in FreshBooks (Settings, Apps)"


async def revoke_unchosen(
    registry: Registry, session: ClientSession, connection: Connection, asked: ConsentGrant
) -> None:
    """End the tokens that `asked` keeps for a choice; who is away stops nothing, and the audit says so."""
    if asked.unchosen is None or _in_use(registry, connection, asked):
        return
    verdict, rule = Verdict.CONFIGURED, "tokens that waited for a choice of account were revoked"
    try:
        await end_unchosen(session, asked)
    except FreshforceError as away:
        left = f"they end with the app's next consent, {BY_HAND}"
        verdict, rule = Verdict.IGNORED, f"tokens that nobody chose for could not be revoked: {away}; {left}"
    with suppress(Transient):
        await registry.note(connection, verdict, rule)


async def end_unchosen(session: ClientSession, asked: ConsentGrant) -> None:
    """End the tokens that `asked` keeps, at the server that gave them.

    Raises:
        FreshforceError: FreshBooks says no, or nothing.
    """
    if asked.unchosen is None:
        return
    door = Door(session, asked.api_url)
    app = OAuthApp(asked.client_id, asked.client_secret, asked.redirect_uri)
    for token in (asked.unchosen.refresh_token, asked.unchosen.access_token):
        await revoke(door, app, token)


def _in_use(registry: Registry, connection: Connection, asked: ConsentGrant) -> bool:
    """Tell whether the choice was made, and only the question was not ended."""
    held = registry.grants.readable(FreshBooksGrant, connection.name, Side.FRESHBOOKS)
    if held is None or asked.unchosen is None or asked.unchosen.given_at is None:
        return False
    return held.grant.given_at == asked.unchosen.given_at
