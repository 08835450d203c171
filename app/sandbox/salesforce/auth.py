"""OAuth 2.0 client credentials, as the My Domain host of an org answers them."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus

from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Json

Said = tuple[int, Json]
"""Status and body."""

LOGIN_HOST = "https://login.salesforce.com"


class AuthTrouble(StrEnum):
    """What an admin forgot, or did; the value is what `error_description` says of it."""

    NO_RUN_AS_USER = "no client credentials user enabled"
    WRONG_HOST = "request not supported on this domain"
    FLOW_OFF = "grant type not supported"
    NOT_APPROVED = "user is not admin approved to access this app"
    INACTIVE_USER = "inactive user"
    RATE = "login rate exceeded"


TROUBLE_CODES = {
    AuthTrouble.NO_RUN_AS_USER: "invalid_grant",
    AuthTrouble.WRONG_HOST: "invalid_grant",
    AuthTrouble.FLOW_OFF: "unsupported_grant_type",
    AuthTrouble.NOT_APPROVED: "invalid_app_access",
    AuthTrouble.INACTIVE_USER: "inactive_user",
    AuthTrouble.RATE: "rate_limit_exceeded",
}


class App:
    """The External Client App through which the integration comes in."""

    def __init__(self, seed: int) -> None:
        self.client_id = "3MVG9" + sha256(f"id:{seed}".encode()).hexdigest() + "Fr"
        self.client_secret = sha256(f"secret:{seed}".encode()).hexdigest().upper()
        self.trouble: AuthTrouble | None = None

    def refusal(self, given: tuple[str, str]) -> Said | None:
        """Return why these credentials are not taken, None when they are."""
        if given[0] != self.client_id:
            return _error("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(given[1], self.client_secret):
            return _error("invalid_client", "invalid client credentials")
        return None


def token(org: Org, app: App, form: Mapping[str, str], authorization: str, instance_url: str) -> Said:
    """Answer a request for a token."""
    if app.trouble is not None:
        return _error(TROUBLE_CODES[app.trouble], app.trouble.value)
    if form.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type", "grant type not supported")
    if (refused := app.refusal(_credentials(form, authorization))) is not None:
        return refused
    who = f"{LOGIN_HOST}/id/{org.users.organization}/{org.users.integration}"
    issued = str(int(org.clock.now().timestamp() * 1000))
    return HTTPStatus.OK, {
        "access_token": org.sessions.open(), "signature": _signature(app, who + issued), "scope": "api",
        "instance_url": instance_url, "id": who, "token_type": "Bearer", "issued_at": issued,
    }  # fmt: skip


def introspect(org: Org, app: App, form: Mapping[str, str], authorization: str) -> Said:
    """Say whether a token lives, and until when."""
    if (refused := app.refusal(_credentials(form, authorization))) is not None:
        return refused
    session = org.sessions.peek(form.get("token", ""))
    if session is None:
        return HTTPStatus.OK, {"active": False}
    began = int(session.began.timestamp())
    return HTTPStatus.OK, {
        "active": True, "scope": "api", "client_id": app.client_id, "token_type": "access_token",
        "username": org.tables["User"].rows[session.user_id]["Username"],
        "sub": f"{LOGIN_HOST}/id/{org.users.organization}/{session.user_id}",
        "exp": int(session.ends.timestamp()), "iat": began, "nbf": began,
    }  # fmt: skip


def _credentials(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme != "Basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return "", ""
    return client_id, secret


def _error(code: str, description: str) -> Said:
    return HTTPStatus.BAD_REQUEST, {"error": code, "error_description": description}


def _signature(app: App, text: str) -> str:
    return b64encode(hmac.digest(app.client_secret.encode(), text.encode(), "sha256")).decode()
