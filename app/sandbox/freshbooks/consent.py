"""OAuth over HTTP: the consent page (the owner always agrees), the token endpoint, revocation, metadata."""

from base64 import b64decode
from binascii import Error as NotBase64
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import orjson
from aiohttp import web

from app.sandbox.freshbooks.identity import RATE_HEADERS, users_me
from app.sandbox.freshbooks.refusals import reply
from app.sandbox.freshbooks.sandbox import FreshBooks
from app.sandbox.freshbooks.tokens import AuthRefusal

BAD_CLIENT = "Client authentication failed due to unknown client, no client authentication included."
BAD_SCOPE = "The requested scope is invalid, unknown, or malformed."


class Consent:
    """The auth service of the simulated FreshBooks."""

    def __init__(self, freshbooks: FreshBooks) -> None:
        self._freshbooks = freshbooks

    def routes(self) -> list[web.RouteDef]:
        """Return the routes; FreshBooks answers at two addresses alike."""
        both = ("/auth/oauth", "/service/auth/oauth")
        return [
            *(web.get(path, self.authorize) for path in ("/oauth/authorize", "/oauth/authorize/")),
            web.get("/service/auth/oauth/authorize", self.authorize),
            *(web.post(f"{path}/token", self.token) for path in both),
            *(web.post(f"{path}/revoke", self.revoke) for path in both),
            web.get("/.well-known/oauth-authorization-server", self.metadata),
            web.get("/auth/api/v1/users/me", self.me),
        ]

    async def authorize(self, request: web.Request) -> web.Response:
        """Redirect with a code, as after a click on "Allow"."""
        asked = request.query
        redirect_uri, state = asked.get("redirect_uri", ""), asked.get("state")
        self._check_client(asked.get("client_id"))
        self._check_redirect(redirect_uri)
        if asked.get("response_type") != "code":
            raise AuthRefusal(400, "unsupported_response_type", "The response type is not supported.")
        registered = self._freshbooks.application.scopes
        scopes = tuple(asked.get("scope", "").split()) or registered
        if not set(scopes) <= set(registered):
            raise AuthRefusal(400, "invalid_scope", BAD_SCOPE)
        code = self._freshbooks.tokens.consent(
            redirect_uri,
            tuple({"user:profile:read": 0} | dict.fromkeys(scopes)),
            self._challenge(asked.get("code_challenge", ""), asked.get("code_challenge_method")),
        )
        answer = {"code": code} | ({"state": state} if state is not None else {})
        return web.Response(
            status=HTTPStatus.FOUND, headers={"Location": f"{redirect_uri}?{urlencode(answer)}"}
        )

    async def token(self, request: web.Request) -> web.Response:
        """Exchange a code or a refresh token."""
        fields = await _fields(request)
        self._authenticate(fields)
        for name in ("grant_type", "redirect_uri"):
            if not fields.get(name):
                raise AuthRefusal(400, "invalid_request", f"Missing required parameter: {name}.")
        tokens, redirect_uri = self._freshbooks.tokens, fields["redirect_uri"]
        match fields["grant_type"]:
            case "authorization_code":
                verifier = fields.get("code_verifier", "")
                return reply(tokens.for_code(fields.get("code", ""), redirect_uri, verifier))
            case "refresh_token":
                return reply(tokens.for_refresh(fields.get("refresh_token", ""), redirect_uri))
            case _:
                raise AuthRefusal(400, "unsupported_grant_type", "The grant type is not supported.")

    async def revoke(self, request: web.Request) -> web.Response:
        """End a token."""
        fields = await _fields(request)
        self._authenticate(fields)
        self._freshbooks.tokens.revoke(fields.get("token", ""))
        return reply({})

    async def metadata(self, request: web.Request) -> web.Response:
        """Say where the endpoints are."""
        site = f"{request.scheme}://{request.host}/service/auth/oauth"
        return reply(
            {
                "issuer": f"{request.scheme}://{request.host}",
                "authorization_endpoint": f"{site}/authorize",
                "token_endpoint": f"{site}/token",
                "revocation_endpoint": f"{site}/revoke",
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            }
        )

    async def me(self, _request: web.Request) -> web.Response:
        """Say who the token acts for."""
        switches = self._freshbooks.switches
        headers = dict(RATE_HEADERS) if switches.rate_headers_on_success else {}
        return reply(users_me(self._freshbooks.account, switches), headers=headers)

    def _check_client(self, client_id: str | None) -> None:
        if client_id != self._freshbooks.application.client_id:
            raise AuthRefusal(HTTPStatus.UNAUTHORIZED, "invalid_client", BAD_CLIENT)

    def _check_redirect(self, uri: str) -> None:
        parts, registered = urlsplit(uri), self._freshbooks.application.redirect_uris
        schemes = {"https"} if self._freshbooks.switches.https_redirects_only else {"https", "http"}
        known = not registered or uri in registered
        if parts.scheme not in schemes or parts.query or not known:
            raise AuthRefusal(400, "invalid_redirect_uri", "The requested redirect uri is malformed.")

    def _challenge(self, challenge: str, method: str | None) -> str:
        if challenge and method != "S256" and self._freshbooks.switches.pkce_checked:
            raise AuthRefusal(400, "invalid_request", "The code challenge method is not supported.")
        return challenge

    def _authenticate(self, fields: dict[str, str]) -> None:
        self._check_client(fields.get("client_id"))
        if fields.get("client_secret") != self._freshbooks.application.client_secret.get_secret_value():
            raise AuthRefusal(HTTPStatus.UNAUTHORIZED, "invalid_client", BAD_CLIENT)


async def _fields(request: web.Request) -> dict[str, str]:
    """Return the fields of a form, of a multipart form or of JSON, with Basic credentials put in."""
    if request.content_type == "application/json":
        fields = _json_fields(await request.read())
    else:
        fields = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return fields
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        raise AuthRefusal(HTTPStatus.UNAUTHORIZED, "invalid_client", BAD_CLIENT) from None
    return fields | {"client_id": unquote(name), "client_secret": unquote(secret)}


def _json_fields(raw: bytes) -> dict[str, str]:
    try:
        body: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise AuthRefusal(400, "invalid_request", "The body is not JSON.") from None
    return {str(name): str(value) for name, value in body.items()} if isinstance(body, dict) else {}
