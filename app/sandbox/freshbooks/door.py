"""What every request passes: counting, the rate limit, the token, and refusals put into words."""

import asyncio
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Middleware

from app.sandbox.faults import CONTROL_PREFIX, Handle, Rule, fault_middleware
from app.sandbox.freshbooks.refusals import Errno, Refusal, reply, speak, worded
from app.sandbox.freshbooks.sandbox import FreshBooks
from app.sandbox.freshbooks.tokens import AuthRefusal

SCOPES = web.RequestKey("scopes", frozenset[str])
GUARDED = ("/accounting/", "/events/", "/auth/api/")
NOT_AUTHORIZED = "The server could not verify that you are authorized to access the URL requested."


def middlewares(freshbooks: FreshBooks) -> list[Middleware]:
    """Return the middlewares of the simulated FreshBooks, outermost first."""

    def words(request: web.Request, rule: Rule) -> web.StreamResponse:
        return speak(request.path, rule, freshbooks.switches)

    return [
        _counting(freshbooks),
        fault_middleware(freshbooks.faults, words),
        _rate_limit(freshbooks),
        _refusing(freshbooks),
        _guarding(freshbooks),
    ]


def need_scope(request: web.Request, scope: str) -> None:
    """Demand a scope of the request's token. Raises: Refusal(403) that names it."""
    scopes = request[SCOPES]
    if scope not in scopes:
        message = f"Insufficient scope: the token has {' '.join(sorted(scopes))}, the request needs {scope}."
        raise Refusal(HTTPStatus.FORBIDDEN, Errno.ACCESS_DENIED, message)


def _counting(freshbooks: FreshBooks) -> Middleware:
    @web.middleware
    async def count(request: web.Request, handler: Handle) -> web.StreamResponse:
        response = await handler(request)
        if not request.path.startswith(CONTROL_PREFIX):
            resource = request.match_info.route.resource
            place = resource.canonical if resource else request.path
            named = place.replace("{path}", request.match_info.get("path", "{path}"))
            freshbooks.requests[f"{request.method} {named} {response.status}"] += 1
        return response

    return count


def _refusing(freshbooks: FreshBooks) -> Middleware:
    @web.middleware
    async def refuse(request: web.Request, handler: Handle) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            return worded(request.path, refusal, freshbooks.switches)
        except AuthRefusal as refusal:
            body = {"error": refusal.error, "error_description": refusal.description}
            return reply(body, status=refusal.status)
        except web.HTTPNotFound:
            missing = Refusal(404, Errno.UNKNOWN_RESOURCE, "Requested resource could not be found.")
            return worded(request.path, missing, freshbooks.switches)

    return refuse


def _guarding(freshbooks: FreshBooks) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handle) -> web.StreamResponse:
        if request.path.startswith(GUARDED):
            kind, _, token = request.headers.get("Authorization", "").partition(" ")
            scopes = freshbooks.tokens.scopes_of(token) if kind.lower() == "bearer" else None
            if scopes is None:
                raise Refusal(HTTPStatus.UNAUTHORIZED, Errno.ACCESS_DENIED, NOT_AUTHORIZED)
            request[SCOPES] = scopes
            if (
                request.match_info.get("account", freshbooks.account.account_id)
                != freshbooks.account.account_id
            ):
                raise web.HTTPNotFound
        return await handler(request)

    return guard


def _rate_limit(freshbooks: FreshBooks) -> Middleware:
    """Refuse with 429 what comes faster than the switch allows; one second's worth may come at once."""
    tokens, since = 0.0, 0.0

    @web.middleware
    async def limit(request: web.Request, handler: Handle) -> web.StreamResponse:
        nonlocal tokens, since
        rate = freshbooks.switches.requests_per_second
        if rate is None or not request.path.startswith(GUARDED):
            return await handler(request)
        now = asyncio.get_running_loop().time()
        tokens, since = min(max(rate, 1.0), tokens + (now - since) * rate), now
        if tokens < 1:
            refusal = Refusal(429, Errno.UNEXPECTED, "Too many requests.", headers=(("Retry-After", "1"),))
            return worded(request.path, refusal, freshbooks.switches)
        tokens -= 1
        return await handler(request)

    return limit
