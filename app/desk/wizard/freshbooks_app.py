"""The FreshBooks app of a connection as a person types it, and what is kept of it between two pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from app.connect.accounts import Candidate, shortlist
from app.connect.asking import Asked
from app.connect.consent import redirect_uri
from app.connect.revoking import tokens_of
from app.desk.desk import Desk
from app.freshbooks.oauth import OAuthApp, Tokens
from app.vault.grants import Account, ConsentGrant, FreshBooksGrant, Status, Unchosen
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName

_WHERE: Final = "copy it from your app at my.freshbooks.com/#/developer"


@dataclass(frozen=True, slots=True)
class Known:
    """An app whose secret we have, and the address to which that may go."""

    app: OAuthApp
    api_url: str


def known_app(desk: Desk, connection: Connection) -> Known | None:
    """Return the app that was asked through last, else the one that is connected."""
    grants, name = desk.registry.grants, connection.name
    asked = grants.held(ConsentGrant, name, Side.CONSENT)
    if asked is not None:
        return Known(_app_of(asked.grant), asked.grant.api_url)
    held = grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)
    if held is None:
        return None
    return Known(_app_of(held.grant), held.grant.address or desk.registry[name].freshbooks_api_url)


def app_as_typed(desk: Desk, connection: Connection, typed: Mapping[str, str], secret: str) -> OAuthApp:
    """Return the app as typed; a secret that is left out is the one we have.

    `connection` has the addresses as typed: a secret goes to no other than the one it was given for.

    Raises:
        Misconfigured: the client id or the secret is missing.
    """
    if not typed["client_id"]:
        message = "the client id is missing"
        raise Misconfigured(message, _WHERE, "no-client-id")
    where = redirect_uri(typed["redirect_uri"], desk.settings.public_url)
    if secret.strip():
        return OAuthApp(typed["client_id"], SecretStr(secret.strip()), where)
    known = known_app(desk, connection)
    if known is None or known.app.client_id != typed["client_id"]:
        message = "the client secret is missing"
        raise Misconfigured(message, _WHERE, "no-secret")
    if known.api_url != connection.freshbooks_api_url:
        message = f"the client secret that we have was given for {known.api_url}"
        raise Misconfigured(message, "type it again for this address", "no-secret")
    return OAuthApp(known.app.client_id, known.app.client_secret, where)


def prefilled(desk: Desk, connection: Connection, known: Known | None) -> dict[str, str]:
    """Return what the form shows before anybody types."""
    ours = desk.settings.public_url and redirect_uri("", desk.settings.public_url)
    asked = desk.registry.grants.held(ConsentGrant, connection.name, Side.CONSENT)
    return {
        "client_id": known.app.client_id if known else "",
        "redirect_uri": known.app.redirect_uri if known else ours,
        "api_url": asked.grant.api_url if asked else connection.freshbooks_api_url,
        "auth_url": asked.grant.auth_url if asked else connection.freshbooks_auth_url,
    }


def waiting(tokens: Tokens, found: tuple[Candidate, ...]) -> Unchosen:
    """Return what is kept until a person has chosen one of the accounts."""
    accounts = tuple(Account(account=it.account, business=it.business, role=it.role) for it in found)
    return Unchosen(
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_at=tokens.expires_at,
        accounts=accounts,
        given_at=tokens.given_at,
        scopes=tokens.scopes,
    )


def chosen_of(asked: Asked, account: str) -> tuple[Candidate, Tokens]:
    """Return the account that a person chose, and the tokens that waited for it.

    Raises:
        Misconfigured: nothing waits.
        NoAccount: it is none of those that were found.
    """
    kept = asked.unchosen
    if kept is None:
        message = "the consent is no longer at hand"
        raise Misconfigured(message, "consent again, then choose the account", "no-consent-asked")
    found = tuple(Candidate(it.account, it.business, it.role) for it in kept.accounts)
    (chosen,) = shortlist(account, found)
    return chosen, tokens_of(kept)


def overtaken(desk: Desk, name: ConnectionName, tokens: Tokens) -> bool:
    """Tell whether a later consent is in use: tokens that waited for a choice would replace newer ones.

    What cannot be opened here is in nobody's use.
    """
    held = desk.registry.grants.readable(FreshBooksGrant, name, Side.FRESHBOOKS)
    if held is None or held.grant.status is not Status.OK or held.grant.given_at is None:
        return False
    return held.grant.given_at > tokens.given_at


def _app_of(grant: ConsentGrant | FreshBooksGrant) -> OAuthApp:
    return OAuthApp(grant.client_id, grant.client_secret, grant.redirect_uri)
