"""Connect FreshBooks: a code becomes tokens, then a grant and a connection.

In between the account is chosen; where none is joined, app.connect.revoking.Unjoined revokes the tokens.
"""

from asyncio import CancelledError
from dataclasses import dataclass
from functools import partial

from aiohttp import ClientSession

from app.connect.accounts import Candidate, candidates
from app.connect.consent import Pasted
from app.connect.meanwhile import as_it_is, joined_for_good
from app.connect.revoking import Unjoined
from app.connect.twins import write_alone
from app.freshbooks.client import me
from app.freshbooks.door import Door, checked
from app.freshbooks.oauth import OAuthApp, Tokens, exchange
from app.registry import Registry
from app.vault.grants import FreshBooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName


class OtherAccount(Misconfigured):
    """The consent is for another account than the connection has."""

    code = "other-account"
    mend = (
        "consent as a user of that account, or choose another name: accounts should not share a connection; "
        "to have the connection follow another account from now on, say --other-account"
    )


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


async def trade(
    registry: Registry, session: ClientSession, connection: Connection, app: OAuthApp, pasted: Pasted
) -> tuple[Tokens, tuple[Candidate, ...]]:
    """Return the tokens for a code, which is spent by it, and the accounts that they can read.

    Tokens of which FreshBooks does not tell whose they are, are revoked.

    Raises:
        ConsentNeeded: the code is spent or expired.
        Misconfigured: the app's credentials are refused.
        Transient: FreshBooks does not answer; begin again.
    """
    door = Door(session, connection.freshbooks_api_url)
    tokens = await exchange(door, app, pasted.code, pasted.pkce, registry.clock())
    unjoined = Unjoined(registry, session, connection, app, tokens)
    async with unjoined.revoked_on(FreshforceError, CancelledError):
        return tokens, candidates(await me(door, tokens.access.get_secret_value()))


async def join(
    registry: Registry, connection: Connection, app: OAuthApp, tokens: Tokens, account: Candidate
) -> Connection:
    """Write the connection with its account and addresses, then its grant; return the connection.

    Connecting again replaces tokens and app; what waited for the consent goes on where it stopped. Whatever
    else was changed since `connection` was looked up stays as it is now. Tokens that were joined
    before, and may be renewed since, are not put in the place of their successors.

    Raises:
        RemovedMeanwhile: a person removed the connection.
        OtherAccount: it was joined to a third account.
        Twin: another connection joins that account to the same org.
    """
    now = await as_it_is(registry, connection)
    if now.freshbooks_account_id not in {connection.freshbooks_account_id, account.account}:
        message = f"{now.name} was joined to the FreshBooks account {now.freshbooks_account_id} meanwhile"
        raise OtherAccount(message)
    joined = now.model_copy(
        update={
            "freshbooks_account_id": account.account,
            "freshbooks_api_url": connection.freshbooks_api_url,
            "freshbooks_auth_url": connection.freshbooks_auth_url,
            "copied": False,
        }
    )
    joined = await write_alone(registry, now, joined)  # first: whoever sees the grant finds the connection
    grant = _grant(app, tokens, joined.freshbooks_api_url, account.role)
    stands = partial(brought, registry, joined.name, tokens)
    await registry.replace(joined, grant, Side.FRESHBOOKS, "FreshBooks was connected", stands)
    await joined_for_good(registry, joined, Side.FRESHBOOKS)
    return joined


def brought(registry: Registry, name: ConnectionName, tokens: Tokens) -> bool:
    """Tell whether the grant is these tokens or what they were renewed to; then they are spent already.

    One that cannot be opened here is mended by these.
    """
    held = registry.grants.readable(FreshBooksGrant, name, Side.FRESHBOOKS)
    return held is not None and held.grant.given_at == tokens.given_at


def refuse_another(connection: Connection, wanted: str, *, other_account: bool) -> None:
    """Refuse an account that a person names and the connection does not have; empty names none.

    Raises:
        OtherAccount: it has another, and it was not said that it shall change.
    """
    known = connection.freshbooks_account_id
    if wanted and known not in {None, wanted} and not other_account:
        message = f"{connection.name} is joined to the FreshBooks account {known}, not to {wanted}"
        raise OtherAccount(message)


def allowed(
    connection: Connection, found: tuple[Candidate, ...], *, other_account: bool
) -> tuple[Candidate, ...]:
    """Return the accounts that may be chosen: a connection keeps the one that it has, unless said.

    Raises:
        OtherAccount: the user has accounts, but not the connection's.
    """
    known = connection.freshbooks_account_id
    if known is None or other_account:
        return found
    same = tuple(each for each in found if each.account == known)
    if found and not same:
        message = (
            f"{connection.name} is joined to the FreshBooks account {known}, which this user cannot read"
        )
        raise OtherAccount(message)
    return same


def _grant(app: OAuthApp, tokens: Tokens, address: str, role: str) -> FreshBooksGrant:
    return FreshBooksGrant(
        client_id=app.client_id,
        client_secret=app.client_secret,
        redirect_uri=app.redirect_uri,
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_at=tokens.expires_at,
        address=address,
        given_at=tokens.given_at,
        scopes=tokens.scopes,
        role=role,
    )
