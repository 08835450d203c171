"""Connect FreshBooks: a code becomes a grant and a connection."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import ClientSession

from app.connect.accounts import Candidate, candidates
from app.connect.consent import Pasted
from app.freshbooks.client import me
from app.freshbooks.door import Door, checked
from app.freshbooks.oauth import OAuthApp, Tokens, exchange
from app.registry import Registry
from app.vault.grants import FreshBooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.grant import Side

Choose = Callable[[tuple[Candidate, ...]], Candidate]
"""Picks the account that is meant; app.connect.accounts.pick asks a person only where it must."""


@dataclass(frozen=True, slots=True)
class Urls:
    """Where FreshBooks is; blank means as the connection has it, which at first is the real one."""

    api: str = ""
    auth: str = ""


def with_urls(connection: Connection, urls: Urls, *, allow_http: bool) -> Connection:
    """Return the connection with the given URLs.

    Raises:
        Misconfigured: a URL is refused.
    """
    api, auth = urls.api or connection.freshbooks_api_url, urls.auth or connection.freshbooks_auth_url
    checked_urls = {
        "freshbooks_api_url": checked(api, allow_http=allow_http),
        "freshbooks_auth_url": checked(auth, allow_http=allow_http),
    }
    return connection.model_copy(update=checked_urls)


async def connect(  # noqa: PLR0913, PLR0917 - who, as what, with what, to which
    registry: Registry,
    session: ClientSession,
    connection: Connection,
    app: OAuthApp,
    pasted: Pasted,
    choose: Choose,
) -> Connection:
    """Trade the code, choose the account, write grant and connection; return the connection.

    Connecting again replaces tokens and app and keeps every other setting.

    Raises:
        ConsentNeeded: the code is spent or expired.
        Misconfigured: the app's credentials are refused, or the connection has another account.
        NoAccount: the user has none, or not the wanted one.
        Transient: FreshBooks or Kafka does not answer; begin again.
    """
    door = Door(session, connection.freshbooks_api_url)
    tokens = await exchange(door, app, pasted.code, pasted.pkce, registry.clock())
    account = choose(candidates(await me(door, tokens.access.get_secret_value())))
    joined = _joined(connection, account)
    await registry.write(joined)  # first: whoever sees the grant finds the connection
    await registry.replace(joined, _grant(app, tokens), Side.FRESHBOOKS, "FreshBooks was connected")
    return joined


def _joined(connection: Connection, account: Candidate) -> Connection:
    if connection.freshbooks_account_id not in (None, account.account):
        message = f"{connection.name} is joined to another FreshBooks account"
        mend = "choose another name: accounts never share a connection"
        raise Misconfigured(message, mend, "other-account")
    return connection.model_copy(update={"freshbooks_account_id": account.account})


def _grant(app: OAuthApp, tokens: Tokens) -> FreshBooksGrant:
    return FreshBooksGrant(
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=app.redirect_uri,
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_at=tokens.expires_at,
    )
