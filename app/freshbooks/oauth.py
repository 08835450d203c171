"""FreshBooks' OAuth 2: consent, tokens and their renewal (facts, section 2)."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from pydantic import Field, SecretStr

from app.freshbooks.door import Door
from app.freshbooks.refused import ConsentNeeded
from app.freshbooks.wire.document import Document
from app.freshbooks.wire.fields import Identifier, MaybeNumber, Text, Wire, read

SCOPES: Final = (
    "user:profile:read",
    "user:clients:read",
    "user:invoices:read",
    "user:payments:read",
)
"""All that we need: we only read FreshBooks."""

_LONGEST: Final = 366 * 24 * 3600
_SHORTEST: Final = timedelta(minutes=5)
"""A new token is alive whatever the clocks say: were ours a day ahead, every call would renew it."""


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """An app as registered at FreshBooks: who asks."""

    client_id: str
    client_secret: SecretStr
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens; the refresh token works once."""

    access: SecretStr
    refresh: SecretStr
    expires_at: datetime
    scopes: tuple[str, ...]
    given_at: datetime


class _WireTokens(Wire):
    access_token: SecretStr = Field(min_length=1)
    refresh_token: SecretStr = Field(min_length=1)
    expires_in: Identifier
    created_at: MaybeNumber = None
    scope: Text = ""


def authorization_url(auth_url: str, app: OAuthApp, state: str, pkce: str) -> str:
    """Return where the owner of the FreshBooks account gives consent. `pkce` is the PKCE verifier."""
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(SCOPES),
        "state": state,
        "code_challenge": challenge(pkce),
        "code_challenge_method": "S256",
    }
    return f"{auth_url.rstrip('/')}/oauth/authorize/?{urlencode(query)}"


def challenge(pkce: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(pkce.encode()).digest()).rstrip(b"=").decode()


async def exchange(door: Door, app: OAuthApp, code: str, pkce: str | None, now: datetime) -> Tokens:
    """Return the tokens for a code, which lives five minutes and works once.

    Raises:
        ConsentNeeded: the code is spent, expired or was not meant for us: ask for consent again.
        Misconfigured: client id, secret or redirect URI is wrong.
        Transient: no answer; the code may be spent.
    """
    fields = {"grant_type": "authorization_code", "code": code}
    if pkce is not None:
        fields["code_verifier"] = pkce
    try:
        return _tokens(await _asked(door, app, fields), now)
    except ConsentNeeded:
        message = "FreshBooks does not take this code (invalid_grant): it works once, within five minutes"
        raise ConsentNeeded(message, "consent again: that brings a new one") from None


async def refresh(door: Door, app: OAuthApp, refresh_token: SecretStr, now: datetime) -> Tokens:
    """Return a new pair; the old refresh token is spent by it, even when the answer gets lost.

    Raises:
        ConsentNeeded: it was spent or revoked before; only a person can mend that.
        Misconfigured: client id, secret or redirect URI is wrong.
        Transient: no answer; it may be spent: try once more.
    """
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token.get_secret_value()}
    return _tokens(await _asked(door, app, fields), now)


async def revoke(door: Door, app: OAuthApp, token: SecretStr) -> None:
    """End a token at once; one that is dead already is fine.

    Raises:
        Misconfigured: client id or secret is wrong.
        Transient: no answer; it may live on.
    """
    fields = {
        "client_id": app.client_id,
        "client_secret": app.client_secret.get_secret_value(),
        "token": token.get_secret_value(),
    }
    await door.call("POST", "/auth/oauth/revoke", form=fields)


async def _asked(door: Door, app: OAuthApp, fields: dict[str, str]) -> Document:
    ours = {
        "client_id": app.client_id,
        "client_secret": app.client_secret.get_secret_value(),
        "redirect_uri": app.redirect_uri,
    }
    return await door.call("POST", "/auth/oauth/token", form=fields | ours)


def _tokens(found: Document, now: datetime) -> Tokens:
    wire = read(_WireTokens, found)
    scopes = tuple(wire.scope.split())
    return Tokens(wire.access_token, wire.refresh_token, _expiry(wire, now), scopes, now)


def _expiry(wire: _WireTokens, now: datetime) -> datetime:
    """Trust FreshBooks' `created_at` only as far as our own clock: it was once seen to be old."""
    life = timedelta(seconds=min(wire.expires_in, _LONGEST))
    if wire.created_at is None:
        return now + life
    created = datetime.fromtimestamp(min(float(wire.created_at), now.timestamp()), UTC)
    return max(created + life, now + min(life, _SHORTEST))
