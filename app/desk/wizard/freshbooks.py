"""Step 1, FreshBooks: the app's credentials, the owner's consent, the account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import SecretStr

from app.connect.accounts import Candidate, shortlist
from app.connect.asking import Asked, begin, came, end
from app.connect.consent import Pasted, consent_of, pasted, redirect_uri
from app.connect.freshbooks import Urls, allowed, join, trade, with_urls
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.shown import step_page
from app.desk.works import Work
from app.freshbooks.oauth import SCOPES, OAuthApp, Tokens
from app.vault.grants import ConsentGrant, FreshBooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Refused
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName

WHAT: Final = "consent"
_FIELDS: Final = ("client_id", "redirect_uri", "api_url", "auth_url")
_WHERE: Final = "copy it from your app at my.freshbooks.com/#/developer"


@dataclass(frozen=True, slots=True)
class Traded:
    """What came of a code. Where a person must choose the account, the tokens wait in memory until then."""

    app: OAuthApp
    tokens: Tokens
    found: tuple[Candidate, ...]
    connection: Connection


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
        await begin(desk.registry, at, _app(desk, connection, typed, str(form.get("client_secret", ""))))
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
        _trade(desk, asked, pasted(asked.app, text, asked.state))
    except FreshforceError as error:
        return _shown(request, connection, 422, error)
    return see(_at(connection))


async def choose(request: web.Request) -> web.Response:
    """Join the account that a person chose."""
    desk, connection = desk_of(request), connection_of(request)
    account = str((await request.post()).get("account", ""))
    try:
        traded = _traded(desk, connection)
        (chosen,) = shortlist(account, traded.found)
        await join(desk.registry, traded.connection, traded.app, traded.tokens, chosen)
    except FreshforceError as error:
        return _shown(request, connection, 422, error)
    desk.works.forget((connection.name, WHAT))
    return see(_at(connection))


def _trade(desk: Desk, asked: Asked, answer: Pasted) -> None:
    """Trade the code, once: the page follows."""

    async def work(begun: Work[Traded]) -> Traded:
        begun.says = "FreshBooks has answered: fetching the tokens"
        try:
            return await _tokens(desk, asked, answer)
        except FreshforceError:
            await begin(desk.registry, asked.connection, asked.app)  # the code is spent: ask anew
            raise

    desk.works.begin((asked.connection.name, WHAT), work)


async def _tokens(desk: Desk, asked: Asked, answer: Pasted) -> Traded:
    registry, connection = desk.registry, asked.connection
    tokens, found = await trade(registry, desk.session, connection, asked.app, answer)
    matching = shortlist("", allowed(connection, found, other_account=False))
    if len(matching) == 1:
        await join(registry, connection, asked.app, tokens, matching[0])
    await end(registry, connection.name, asked.state)
    return Traded(asked.app, tokens, matching, connection)


def _traded(desk: Desk, connection: Connection) -> Traded:
    work: Work[Traded] | None = desk.works.get((connection.name, WHAT))
    if work is None or work.result is None:
        message = "the consent is no longer at hand"
        raise Misconfigured(message, "consent again, then choose the account", "no-consent-asked")
    return work.result


def _shown(
    request: web.Request,
    connection: Connection,
    status: int = 200,
    error: FreshforceError | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    desk = desk_of(request)
    known = _known(desk, connection.name)
    work: Work[Traded] | None = desk.works.get((connection.name, WHAT))
    found = work.result.found if work and work.result else ()
    facts: dict[str, Any] = {
        "typed": _prefilled(desk, connection, known) | dict(typed or {}),
        "known": known is not None,
        "scopes": SCOPES,
        "consent": _consent(desk, connection.name),
        "work": work,
        "found": found if len(found) > 1 else (),
    }
    shown = step_page(
        request, connection, "freshbooks", status, error or (work.error if work else None), **facts
    )
    if request.headers.get("HX-Target") == "awaited" and not facts["consent"]:
        shown.headers["HX-Refresh"] = "true"  # what the page waited for is there
    return shown


def _consent(desk: Desk, name: ConnectionName) -> str:
    """Return where the owner consents, where that is asked and not answered yet."""
    try:
        asked = _asked(desk, name)
    except Refused:
        return ""
    if asked is None or asked.answer is not None:
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


def _known(desk: Desk, name: ConnectionName) -> OAuthApp | None:
    """Return the app that was asked through last, else the one that is connected."""
    grants = desk.registry.grants
    asked = grants.held(ConsentGrant, name, Side.CONSENT)
    if asked is not None:
        return _app_of(asked.grant)
    held = grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)
    return None if held is None else _app_of(held.grant)


def _app_of(grant: ConsentGrant | FreshBooksGrant) -> OAuthApp:
    return OAuthApp(grant.client_id, grant.client_secret, grant.redirect_uri)


def _prefilled(desk: Desk, connection: Connection, known: OAuthApp | None) -> dict[str, str]:
    ours = desk.settings.public_url and redirect_uri("", desk.settings.public_url)
    asked = desk.registry.grants.held(ConsentGrant, connection.name, Side.CONSENT)
    return {
        "client_id": known.client_id if known else "",
        "redirect_uri": known.redirect_uri if known else ours,
        "api_url": asked.grant.api_url if asked else connection.freshbooks_api_url,
        "auth_url": asked.grant.auth_url if asked else connection.freshbooks_auth_url,
    }


def _app(desk: Desk, connection: Connection, typed: Mapping[str, str], secret: str) -> OAuthApp:
    """Return the app as typed; a secret that is left out is the one we have."""
    known = _known(desk, connection.name)
    if not typed["client_id"]:
        message = "the client id is missing"
        raise Misconfigured(message, _WHERE, "no-client-id")
    where = redirect_uri(typed["redirect_uri"], desk.settings.public_url)
    if secret.strip():
        return OAuthApp(typed["client_id"], SecretStr(secret.strip()), where)
    if known is None or known.client_id != typed["client_id"]:
        message = "the client secret is missing"
        raise Misconfigured(message, _WHERE, "no-secret")
    return OAuthApp(known.client_id, known.client_secret, where)


def _at(connection: Connection) -> str:
    return f"/connections/{connection.name}/freshbooks"


ROUTES: Final = (
    web.get("/connections/{name}/freshbooks", show),
    web.post("/connections/{name}/freshbooks", name_app),
    web.post("/connections/{name}/freshbooks/code", take_code),
    web.post("/connections/{name}/freshbooks/account", choose),
)
