"""The owner's consent: where to give it, and what the browser brings back.

The PKCE verifier and our mark on the state follow from the app's secret, so that the code may be
pasted into a second run of the command: nothing is kept in between.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from app.freshbooks.oauth import OAuthApp, authorization_url
from app.freshbooks.state import is_marked, marked
from streams.domain.errors import Misconfigured, Refused


class ForeignState(Refused):
    """The pasted address was not made for this app: it may be somebody else's consent."""

    code = "foreign-state"
    mend = "open the printed address yourself and paste what your own browser shows"


@dataclass(frozen=True, slots=True)
class Consent:
    """Where the owner consents, and the state by which we know the answer."""

    url: str
    state: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """A code, and the PKCE verifier that goes with it where the state is known."""

    code: str
    pkce: str | None
    state: str = ""
    """Of the question that it answers; empty where only the bare code was brought."""


def ask_consent(app: OAuthApp, auth_url: str, nonce: bytes, name: str = "") -> Consent:
    """Return where to consent; `nonce` (16 random bytes) makes the state unlike any other.

    The state begins with the connection's `name`, where it is known: the ingress finds by it who asked.
    """
    return consent_of(app, auth_url, marked(app.client_secret, f"{name}.{nonce.hex()}"))


def consent_of(app: OAuthApp, auth_url: str, state: str) -> Consent:
    """Return where to consent for a question that has its `state` already."""
    return Consent(authorization_url(auth_url, app, state, _pkce(app, state)), state)


def pasted(app: OAuthApp, text: str, state: str | None = None) -> Pasted:
    """Return the code in what a person pasted: the address of the redirect, or the bare code.

    A bare code belongs to `state`, where that is known.

    Raises:
        ForeignState: the address has another state than ours.
        Refused: consent was denied, or there is no code.
    """
    text = text.strip()
    if "://" not in text and "code=" not in text:
        return Pasted(_code(text), None) if state is None else belonging(app, _code(text), state)
    found = {name: values[0] for name, values in parse_qs(urlsplit(text).query or text).items()}
    if "error" in found:
        message = "consent was denied, or the app asks for a scope that it may not have"
        raise Refused(message, "consent again; check the scopes of the FreshBooks app", "consent-denied")
    theirs = found.get("state", "")
    if not is_marked(app.client_secret, theirs) or (state is not None and state != theirs):
        message = "the pasted address has another state than the one we gave"
        raise ForeignState(message)
    return belonging(app, _code(found.get("code", "")), theirs)


def belonging(app: OAuthApp, code: str, state: str) -> Pasted:
    """Return `code` with the PKCE verifier of the question that had `state`."""
    return Pasted(code, _pkce(app, state), state)


def redirect_uri(given: str, public_url: str) -> str:
    """Return the redirect URI: the given one, else ours on the public URL.

    Raises:
        Misconfigured: there is neither.
    """
    if given or public_url:
        return given or f"{public_url}/oauth/freshbooks/callback"
    message = "there is no redirect URI"
    mend = "give --redirect-uri as registered at FreshBooks, or set FRESHFORCE_PUBLIC_URL"
    raise Misconfigured(message, mend, "no-redirect-uri")


def _code(text: str) -> str:
    if not text or any(c.isspace() for c in text):
        message = "there is no code in what was pasted"
        raise Refused(message, "paste the whole address of the page that FreshBooks led to", "no-code")
    return text


def _pkce(app: OAuthApp, state: str) -> str:
    key = app.client_secret.get_secret_value().encode()
    return urlsafe_b64encode(hmac.digest(key, f"pkce:{state}".encode(), "sha256")).rstrip(b"=").decode()
