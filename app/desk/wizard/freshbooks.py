"""Step 1, FreshBooks: the app's credentials, the owner's consent, the account."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from app.connect.accounts import shortlist
from app.connect.asking import Asked, begin, begin_again, came, ended, keep, take
from app.connect.consent import Pasted, consent_of, pasted
from app.connect.freshbooks import OtherAccount, Urls, allowed, join, trade, with_urls
from app.connect.refusals import refusals_said
from app.connect.revoking import WAITED, Unjoined
from app.connect.rights import hidden, wanting
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.freshbooks_app import (
    app_as_typed,
    chosen_of,
    known_app,
    overtaken,
    prefilled,
    waiting,
)
from app.desk.wizard.shown import step_page
from app.desk.works import Work
from app.freshbooks.oauth import SCOPES
from app.salesforce.checkup import Finding
from app.vault.grants import FreshBooksGrant, Status
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Permanent, Refused
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName

WHAT: Final = "consent"
_TRADED_WITHIN: Final = timedelta(minutes=2)
"""Whoever took a code and has no tokens by then was ended in the middle of it."""
_FIELDS: Final = ("client_id", "redirect_uri", "api_url", "auth_url")


async def show(request: web.Request) -> web.Response:
    """Show how far the step is; once the owner's browser came back to the ingress, the code is traded."""
    desk, connection = desk_of(request), connection_of(request)
    try:
        asked = _asked(desk, connection.name)
    except Refused as denied:
        return _shown(request, connection, 200, denied)
    if asked is not None and asked.answer is not None:
        _trade(desk, asked, asked.answer)
    return _shown(request, connection)


async def name_app(request: web.Request) -> web.Response:
    """Ask for consent through the app as typed: the page then says where it is given."""
    desk, connection = desk_of(request), connection_of(request)
    form = await request.post()
    typed = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    try:
        urls = Urls(typed["api_url"], typed["auth_url"])
        at = with_urls(connection, urls, allow_http=desk.settings.allow_http_vendors)
        app = app_as_typed(desk, at, typed, str(form.get("client_secret", "")))
        other = form.get("other_account") == "yes"
        await begin(desk.registry, desk.session, at, app, other_account=other)
    except FreshforceError as error:
        return _shown(request, connection, 422, error, typed)
    desk.works.forget((connection.name, WHAT))
    return see(_at(connection))


async def take_code(request: web.Request) -> web.Response:
    """Take the address or code that a person pasted."""
    desk, connection = desk_of(request), connection_of(request)
    text = str((await request.post()).get("code", ""))
    try:
        asked = came(desk.registry, connection.name)
        async with refusals_said(desk.registry, connection):
            code = pasted(asked.app, text, asked.state)
        _trade(desk, asked, code)
    except FreshforceError as error:
        return _shown(request, connection, 422, error)
    return see(_at(connection))


async def choose(request: web.Request) -> web.Response:
    """Join the account that a person chose."""
    desk, connection = desk_of(request), connection_of(request)
    account = str((await request.post()).get("account", ""))
    if _is_joined(desk, connection, account):  # a second click
        return see(_at(connection))
    try:
        async with refusals_said(desk.registry, connection):
            asked = came(desk.registry, connection.name)
            chosen, tokens = chosen_of(asked, account)
            if overtaken(desk, connection.name, tokens):
                at = asked.connection, asked.app
                await Unjoined(desk.registry, desk.session, *at, tokens, WAITED).forget()
            else:
                await join(desk.registry, asked.connection, asked.app, tokens, chosen)
            await ended(desk.registry, connection.name, asked.state)
    except FreshforceError as error:
        return _shown(request, connection, 422, error)
    desk.works.forget((connection.name, WHAT))
    return see(_at(connection))


def _is_joined(desk: Desk, connection: Connection, account: str) -> bool:
    """Tell whether the connection has that account already, and nothing is asked any more."""
    grants, name = desk.registry.grants, connection.name
    held = grants.readable(FreshBooksGrant, name, Side.FRESHBOOKS)
    usable = held is not None and held.grant.status is Status.OK
    return (
        usable and connection.freshbooks_account_id == account and grants.sealed(name, Side.CONSENT) is None
    )


def _trade(desk: Desk, asked: Asked, answer: Pasted) -> None:
    """Trade the code, once: the page follows."""

    async def work(begun: Work[None]) -> None:
        begun.says = "FreshBooks has answered: fetching the tokens"
        if not await take(desk.registry, asked.connection.name, asked.state):
            return
        try:
            async with refusals_said(desk.registry, asked.connection):
                await _tokens(desk, asked, answer)
        except FreshforceError:  # the code is spent: ask anew
            await begin_again(desk.registry, asked)
            raise

    desk.works.begin((asked.connection.name, WHAT), work)


async def _tokens(desk: Desk, asked: Asked, answer: Pasted) -> None:
    registry, connection = desk.registry, asked.connection
    tokens, found = await trade(registry, desk.session, connection, asked.app, answer)
    async with Unjoined(registry, desk.session, connection, asked.app, tokens).revoked_on(Permanent):
        matching = shortlist("", allowed(connection, found, other_account=asked.other_account))
        if len(matching) > 1:
            await keep(registry, connection.name, asked.state, waiting(tokens, matching))
            return
        await join(registry, connection, asked.app, tokens, matching[0])
    await ended(registry, connection.name, asked.state)


def _shown(
    request: web.Request,
    connection: Connection,
    status: int = 200,
    error: FreshforceError | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    desk = desk_of(request)
    known = known_app(desk, connection)
    work: Work[None] | None = desk.works.get((connection.name, WHAT))
    error = error or (work.error if work else None)
    asked = _open(desk, connection.name)
    facts: dict[str, Any] = {
        "typed": prefilled(desk, connection, known) | dict(typed or {}),
        "known": known is not None,
        "scopes": SCOPES,
        "consent": "" if asked is None else _consent(asked),
        "work": work,
        "found": () if asked is None or asked.unchosen is None else asked.unchosen.accounts,
        "taken": "" if asked is None else _taken(desk, asked),
        "hidden": hidden,
        "warnings": _wanting(desk, connection.name),
        "other_account": error is not None and error.code == OtherAccount.code,
    }
    shown = step_page(request, connection, "freshbooks", status, error, **facts)
    awaited = facts["consent"] or facts["taken"] == "awaited"
    if request.headers.get("HX-Target") == "awaited" and not awaited:
        shown.headers["HX-Refresh"] = "true"  # what the page waited for is there
    return shown


def _wanting(desk: Desk, name: ConnectionName) -> tuple[Finding, ...]:
    held = desk.registry.grants.readable(FreshBooksGrant, name, Side.FRESHBOOKS)
    return () if held is None else wanting(name, held.grant.scopes, held.grant.role)


def _consent(asked: Asked) -> str:
    """Return where the owner consents; nothing once that is answered."""
    if asked.answered:
        return ""
    return consent_of(asked.app, asked.connection.freshbooks_auth_url, asked.state).url


def _asked(desk: Desk, name: ConnectionName) -> Asked | None:
    """Return the question that is open.

    Raises:
        Refused: the owner said no.
    """
    try:
        return came(desk.registry, name)
    except Misconfigured:
        return None


def _open(desk: Desk, name: ConnectionName) -> Asked | None:
    """Return the question that is open, unless the owner said no."""
    try:
        return _asked(desk, name)
    except Refused:
        return None


def _taken(desk: Desk, asked: Asked) -> str:
    """Return what became of a code that somebody has taken to trade it; nothing where nobody has."""
    if asked.taken_at is None:
        return ""
    late = desk.registry.clock() - asked.taken_at > _TRADED_WITHIN
    return "never-came" if late else "awaited"


def _at(connection: Connection) -> str:
    return f"/connections/{connection.name}/freshbooks"


ROUTES: Final = (
    web.get("/connections/{name}/freshbooks", show),
    web.post("/connections/{name}/freshbooks", name_app),
    web.post("/connections/{name}/freshbooks/code", take_code),
    web.post("/connections/{name}/freshbooks/account", choose),
)
